/**
 * Writing a small program in the few operations that x86-64 and AArch64 have in common.
 *
 * @module
 */

import { BASE, codeStart, executable } from "../elf.ts";

/**
 * A register: `v0` to `v5` keep their values across system calls, `a0` to `a5` are the arguments of the
 * next one, and `result` has what it returned, until another register of those is written.
 */
export type Register =
  | "v0"
  | "v1"
  | "v2"
  | "v3"
  | "v4"
  | "v5"
  | "a0"
  | "a1"
  | "a2"
  | "a3"
  | "a4"
  | "a5"
  | "result";

/** What the last comparison found; `below` compares without signs, `less` with them. */
export type Condition = "equal" | "unequal" | "below" | "less";

/** The system calls, with their numbers on x86-64 and AArch64. */
export const SYSTEM_CALLS = {
  chdir: [80, 49],
  execve: [59, 221],
  exit: [60, 93],
  getcwd: [79, 17],
  getpid: [39, 172],
  memfd_create: [319, 279],
  mmap: [9, 222],
  openat: [257, 56],
  prlimit64: [302, 261],
  readlinkat: [267, 78],
  rt_sigprocmask: [14, 135],
  write: [1, 64],
} as const;

/** The name of a system call. */
export type SystemCall = keyof typeof SYSTEM_CALLS;

/** Where the variables are in memory. */
const SPACE_ADDRESS = 0x1000_0000;
/** Variables begin at such multiples. */
const ALIGNMENT = 8;

/** A place in the code where an address is to be filled in. */
interface Reference {
  readonly at: number;
  readonly label: string;
  readonly fill: (at: number, address: number) => void;
}

/** A program that is being written: its code, its constants, and the room for its variables. */
export abstract class MachineCode {
  /** The number of the machine in an executable. */
  abstract readonly machine: number;
  readonly #bytes: number[] = [];
  readonly #addresses = new Map<string, number>();
  readonly #references: Reference[] = [];
  readonly #texts = new Map<string, string>();
  readonly #start = BASE + codeStart(2);
  #spaceLength = 0;

  /** Copies the stack pointer into a register. */
  abstract takeStack(to: Register): void;
  /** Puts a number of up to 32 bits, or -1, into a register. */
  abstract set(to: Register, value: number): void;
  /** Puts the address of a label into a register. */
  abstract address(to: Register, label: string): void;
  /** Copies a register. */
  abstract move(to: Register, from: Register): void;
  /** Reads 64 bits from memory. */
  abstract load(to: Register, base: Register, offset?: number): void;
  /** Reads a byte from memory. */
  abstract loadByte(to: Register, base: Register): void;
  /** Writes 64 bits to memory. */
  abstract store(base: Register, from: Register): void;
  /** Writes a byte to memory. */
  abstract storeByte(base: Register, from: Register): void;
  /** Adds a small number, which may be negative. */
  abstract increase(to: Register, by: number): void;
  /** Adds a register. */
  abstract add(to: Register, from: Register): void;
  /** Subtracts a register. */
  abstract subtract(to: Register, from: Register): void;
  /** Compares a register with another, or with a number from 0 to 4095. */
  abstract compare(one: Register, other: Register | number): void;
  /** Goes on at a label if the last comparison found that. */
  abstract branch(condition: Condition, label: string): void;
  /** Goes on at a label. */
  abstract jump(label: string): void;
  /** Calls the function at a label, which calls none itself. */
  abstract call(label: string): void;
  /** Returns from a function. */
  abstract return(): void;
  /** Makes a system call. */
  abstract systemCall(name: SystemCall): void;

  /** Gives the next instruction a label. */
  label(name: string): void {
    if (this.#addresses.has(name)) throw new Error(`Two places are called '${name}'`);
    this.#addresses.set(name, this.#start + this.#bytes.length);
  }

  /** Makes room for a variable. */
  space(label: string, length: number): void {
    this.#addresses.set(label, SPACE_ADDRESS + this.#spaceLength);
    this.#spaceLength += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
  }

  /** Returns the label of a constant string, which ends with a NUL. */
  text(text: string): string {
    const label = this.#texts.get(text) ?? `text ${this.#texts.size}`;
    this.#texts.set(text, label);
    return label;
  }

  /** Writes a table of 64 bits each: numbers, and addresses by their labels. */
  table(label: string, words: readonly (bigint | string)[]): void {
    while (this.#bytes.length % 8 !== 0) this.emit(0);
    this.label(label);
    for (const word of words) {
      if (typeof word === "string") {
        this.refer(word, (at, address) => this.patch(at, littleEndian(address, 4)));
      }
      this.emit(...littleEndian(typeof word === "string" ? 0n : word, 8));
    }
  }

  /** Returns the program, an executable. */
  finish(): Uint8Array<ArrayBuffer> {
    for (const [text, label] of this.#texts) {
      this.label(label);
      this.emit(...new TextEncoder().encode(text), 0);
    }
    for (const { at, label, fill } of this.#references) {
      const address = this.#addresses.get(label);
      if (address === undefined) throw new Error(`No place is called '${label}'`);
      fill(at, address);
    }
    return executable(this.machine, new Uint8Array(this.#bytes), {
      address: SPACE_ADDRESS,
      length: this.#spaceLength,
    });
  }

  protected emit(...bytes: number[]): void {
    this.#bytes.push(...bytes);
  }

  /** Has the address of a label filled in, from here on in the code. */
  protected refer(label: string, fill: Reference["fill"]): void {
    this.#references.push({ at: this.#bytes.length, label, fill });
  }

  protected patch(at: number, bytes: readonly number[]): void {
    this.#bytes.splice(at, bytes.length, ...bytes);
  }

  /** Returns the address of what is at an offset of the code. */
  protected addressAt(at: number): number {
    return this.#start + at;
  }
}

/** Returns the bytes of a number, the least significant first. */
export function littleEndian(value: number | bigint, length: number): number[] {
  const number = BigInt(value);
  return Array.from({ length }, (_, index) => Number(number >> BigInt(8 * index) & 255n));
}
