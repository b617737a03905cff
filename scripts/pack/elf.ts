/**
 * Executables in the Executable and Linkable Format (ELF), of 64 bits and little-endian.
 *
 * @module
 */

const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;

const ET_EXEC = 2;
const PT_LOAD = 1;
const PT_INTERP = 3;
const READ_AND_EXECUTE = 5;
const READ_AND_WRITE = 6;
/** Where in memory an executable begins. */
export const BASE = 0x40_0000;
/** A multiple of the size of a page, on every machine. */
const PAGE = 65536n;

/** Returns the dynamic linker that an executable asks for, which is there only where its libc is. */
export function interpreterOf(executable: Uint8Array<ArrayBuffer>): string {
  const view = new DataView(executable.buffer, executable.byteOffset);
  const table = Number(view.getBigUint64(32, true));
  const [size, count] = [view.getUint16(54, true), view.getUint16(56, true)];
  for (let at = table; at < table + size * count; at += size) {
    if (view.getUint32(at, true) !== PT_INTERP) continue;
    const start = Number(view.getBigUint64(at + 8, true));
    const end = executable.indexOf(0, start);
    return new TextDecoder().decode(executable.subarray(start, end));
  }
  throw new Error("Cannot pack a runtime that asks for no dynamic linker");
}

/** Machine code, by the name that Deno has for the machine: asks for a page, and exits with 1 if refused. */
const MAKES_CODE: Readonly<Record<string, readonly number[]>> = {
  x86_64: [
    ...[0x31, 0xff], //                               xor edi, edi        address: any
    ...[0xbe, 0x00, 0x10, 0x00, 0x00], //             mov esi, 4096       length
    ...[0xba, 0x07, 0x00, 0x00, 0x00], //             mov edx, 7          read, write and execute
    ...[0x41, 0xba, 0x22, 0x00, 0x00, 0x00], //       mov r10d, 0x22      private, anonymous
    ...[0x49, 0x83, 0xc8, 0xff], //                   or r8, -1           no file
    ...[0x45, 0x31, 0xc9], //                         xor r9d, r9d        offset
    ...[0xb8, 0x09, 0x00, 0x00, 0x00, 0x0f, 0x05], // mov eax, 9; syscall mmap
    ...[0x48, 0xc1, 0xe8, 0x3f], //                   shr rax, 63         the sign
    ...[0x89, 0xc7], //                               mov edi, eax
    ...[0xb8, 0x3c, 0x00, 0x00, 0x00, 0x0f, 0x05], // mov eax, 60; syscall exit
  ],
  aarch64: [
    0xd280_0000, // mov x0, 0       address: any
    0xd282_0001, // mov x1, 4096    length
    0xd280_00e2, // mov x2, 7       read, write and execute
    0xd280_0443, // mov x3, 0x22    private, anonymous
    0x9280_0004, // mov x4, -1      no file
    0xd280_0005, // mov x5, 0       offset
    0xd280_1bc8, // mov x8, 222     mmap
    0xd400_0001, // svc 0
    0xd37f_fc00, // lsr x0, x0, 63  the sign
    0xd280_0ba8, // mov x8, 93      exit
    0xd400_0001, // svc 0
  ].flatMap((word) => [word & 255, word >> 8 & 255, word >> 16 & 255, word >>> 24]),
};

/** The number of a machine in an executable. */
const MACHINES: Readonly<Record<string, number>> = { x86_64: 62, aarch64: 183 };

/**
 * Returns an executable that asks the kernel for memory in which it could make code, as the compiler of
 * the runtime does, and exits with 1 where that is refused. Undefined for a machine whose code is not
 * known here.
 *
 * No program that every system has tells that, and the runtime ends with a crash.
 */
export function makesCodeProgram(machine: string): Uint8Array<ArrayBuffer> | undefined {
  const code = MAKES_CODE[machine];
  return code && executable(MACHINES[machine]!, new Uint8Array(code));
}

/** Variables of a program: room in memory, zero at first. */
export interface Space {
  /** Its address. */
  readonly address: number;
  /** Its size in bytes. */
  readonly length: number;
}

/** Where in an executable its code begins. */
export function codeStart(segments: number): number {
  return HEADER_BYTES + SEGMENT_BYTES * segments;
}

/**
 * Returns an executable that needs no library.
 *
 * @param machine The number of the machine.
 * @param code The code, with all that is constant; it begins with the first instruction.
 * @param space The room for its variables; none by default.
 */
export function executable(
  machine: number,
  code: Uint8Array,
  space?: Space,
): Uint8Array<ArrayBuffer> {
  const segments = space === undefined ? 1 : 2;
  const start = codeStart(segments);
  const length = start + code.length;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  // 64 bits, little-endian, version 1.
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, ET_EXEC, true);
  view.setUint16(18, machine, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, BigInt(BASE + start), true);
  view.setBigUint64(32, BigInt(HEADER_BYTES), true);
  view.setUint16(52, HEADER_BYTES, true);
  view.setUint16(54, SEGMENT_BYTES, true);
  view.setUint16(56, segments, true);
  const segment = (at: number, rights: number, address: number, inFile: number, size: number) => {
    view.setUint32(at, PT_LOAD, true);
    view.setUint32(at + 4, rights, true);
    view.setBigUint64(at + 16, BigInt(address), true);
    view.setBigUint64(at + 24, BigInt(address), true);
    view.setBigUint64(at + 32, BigInt(inFile), true);
    view.setBigUint64(at + 40, BigInt(size), true);
    view.setBigUint64(at + 48, PAGE, true);
  };
  // The first segment is the whole file.
  segment(HEADER_BYTES, READ_AND_EXECUTE, BASE, length, length);
  if (space !== undefined) {
    segment(HEADER_BYTES + SEGMENT_BYTES, READ_AND_WRITE, space.address, 0, space.length);
  }
  bytes.set(code, start);
  return bytes;
}
