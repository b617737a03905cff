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

/** The machines that `sv` is for, by the names that Deno has for them. */
export type Machine = "x86_64" | "aarch64";

/** The number of a machine in an executable. */
const MACHINES: Readonly<Record<Machine, number>> = { x86_64: 62, aarch64: 183 };

/** Returns the machine that an executable is for. */
export function machineOf(executable: Uint8Array<ArrayBuffer>): Machine {
  const isElf = [0x7f, 0x45, 0x4c, 0x46, 2, 1].every((byte, index) => executable[index] === byte);
  const number = isElf &&
    new DataView(executable.buffer, executable.byteOffset).getUint16(18, true);
  const found = Object.entries(MACHINES).find(([, known]) => known === number);
  if (found === undefined) {
    throw new Error(
      `Cannot pack a runtime that is no executable for ${Object.keys(MACHINES).join(" or ")}`,
    );
  }
  return found[0] as Machine;
}

/** Returns the bytes of instructions of 32 bits. */
function words(instructions: readonly number[]): number[] {
  return instructions.flatMap((
    word,
  ) => [word & 255, word >> 8 & 255, word >> 16 & 255, word >>> 24]);
}

/** Machine code, by the name that Deno has for the machine: asks for a page, and exits with 1 if refused. */
const MAKES_CODE: Readonly<Record<Machine, readonly number[]>> = {
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
  aarch64: words([
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
  ]),
};

/**
 * Machine code: blocks all signals, sends itself those of its first argument, a character for each, of which
 * the lower five bits are the number, and becomes the program of its second argument, with that argument and
 * those after it.
 */
const HOLDS_SIGNALS: Readonly<Record<Machine, readonly number[]>> = {
  x86_64: [
    ...[0x6a, 0xff], //                                     push -1            all signals
    ...[0x48, 0x89, 0xe6], //                               mov rsi, rsp
    ...[0x31, 0xff], //                                     xor edi, edi       SIG_BLOCK
    ...[0x31, 0xd2], //                                     xor edx, edx
    ...[0x6a, 0x08, 0x41, 0x5a], //                         push 8; pop r10    bytes
    ...[0x6a, 0x0e, 0x58, 0x0f, 0x05], //                   push 14; pop rax; syscall rt_sigprocmask
    ...[0x58], //                                           pop rax
    ...[0x48, 0x8b, 0x5c, 0x24, 0x10], //                   mov rbx, [rsp + 16]  argv[1]
    ...[0x44, 0x0f, 0xb6, 0x23], //                   next: movzx r12d, byte [rbx]
    ...[0x45, 0x85, 0xe4], //                               test r12d, r12d
    ...[0x74, 0x17], //                                     jz become
    ...[0x6a, 0x27, 0x58, 0x0f, 0x05], //                   push 39; pop rax; syscall getpid
    ...[0x89, 0xc7], //                                     mov edi, eax
    ...[0x44, 0x89, 0xe6], //                               mov esi, r12d
    ...[0x83, 0xe6, 0x1f], //                               and esi, 31
    ...[0x6a, 0x3e, 0x58, 0x0f, 0x05], //                   push 62; pop rax; syscall kill
    ...[0x48, 0xff, 0xc3], //                               inc rbx
    ...[0xeb, 0xe0], //                                     jmp next
    ...[0x48, 0x8b, 0x7c, 0x24, 0x18], //           become: mov rdi, [rsp + 24]  argv[2]
    ...[0x48, 0x8d, 0x74, 0x24, 0x18], //                   lea rsi, [rsp + 24]
    ...[0x48, 0x8b, 0x04, 0x24], //                         mov rax, [rsp]     argc
    ...[0x48, 0x8d, 0x54, 0xc4, 0x10], //                   lea rdx, [rsp + 8 * rax + 16]  environment
    ...[0x6a, 0x3b, 0x58, 0x0f, 0x05], //                   push 59; pop rax; syscall execve
    ...[0x6a, 0x6f, 0x5f], //                               push 111; pop rdi
    ...[0x6a, 0x3c, 0x58, 0x0f, 0x05], //                   push 60; pop rax; syscall exit
  ],
  aarch64: words([
    0x9280_0000, //       mov x0, -1            all signals
    0xf81f_0fe0, //       str x0, [sp, -16]!
    0xd280_0000, //       mov x0, 0             SIG_BLOCK
    0x9100_03e1, //       mov x1, sp
    0xd280_0002, //       mov x2, 0
    0xd280_0103, //       mov x3, 8             bytes
    0xd280_10e8, //       mov x8, 135           rt_sigprocmask
    0xd400_0001, //       svc 0
    0x9100_43ff, //       add sp, sp, 16
    0xf940_0bf3, //       ldr x19, [sp, 16]     argv[1]
    0x3840_1674, // next: ldrb w20, [x19], 1
    0x3400_00f4, //       cbz w20, become
    0xd280_1588, //       mov x8, 172           getpid
    0xd400_0001, //       svc 0
    0x1200_1281, //       and w1, w20, 31
    0xd280_1028, //       mov x8, 129           kill
    0xd400_0001, //       svc 0
    0x17ff_fff9, //       b next
    0xf940_0fe0, // become: ldr x0, [sp, 24]    argv[2]
    0x9100_63e1, //       add x1, sp, 24
    0xf940_03e2, //       ldr x2, [sp]          argc
    0x8b22_6fe2, //       add x2, sp, x2, uxtx 3
    0x9100_4042, //       add x2, x2, 16        environment
    0xd280_1ba8, //       mov x8, 221           execve
    0xd400_0001, //       svc 0
    0xd280_0de0, //       mov x0, 111
    0xd280_0ba8, //       mov x8, 93            exit
    0xd400_0001, //       svc 0
  ]),
};

/**
 * Returns an executable that asks the kernel for memory in which it could make code, as the compiler of
 * the runtime does, and exits with 1 where that is refused.
 *
 * No program that every system has tells that, and the runtime ends with a crash.
 */
export function makesCodeProgram(machine: Machine): Uint8Array<ArrayBuffer> {
  return executable(MACHINES[machine], new Uint8Array(MAKES_CODE[machine]));
}

/**
 * Returns an executable that blocks all signals, sends itself some of them, and becomes another program.
 *
 * What arrives at a process 1 before its first instructions is dropped: this program has few before them.
 */
export function holdsSignalsProgram(machine: Machine): Uint8Array<ArrayBuffer> {
  return executable(MACHINES[machine], new Uint8Array(HOLDS_SIGNALS[machine]));
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
