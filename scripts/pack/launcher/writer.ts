import type { Layout } from "./layout.ts";
import type { MachineCode, Register } from "./machine_code.ts";

/** For system calls: the working directory. */
export const AT_FDCWD = -100;
/** The longest path that the kernel takes, with its NUL. */
export const LONGEST_PATH = 4096;
/** The fields of the row of a bundle: the name comes first. */
export const ROW = { file: 8, flag: 16, starts: 24, asks: 32, signals: 40 } as const;
/** The length of a row. */
export const ROW_BYTES = 48;

/**
 * What the parts of the launcher are written with.
 *
 * What is in the registers, from the beginning to the end:
 * - v0: the stack at the start, where the kernel has put the number of arguments and then their addresses;
 * - v1: the first address of the environment;
 * - v2: where the next variable's address goes, then where the next argument's goes;
 * - v3: the row of the bundle;
 * - v4: where the next byte of text goes.
 */
export class Writer {
  #labels = 0;

  /**
   * @param code The program.
   * @param layout What lies beside it.
   */
  constructor(readonly code: MachineCode, readonly layout: Layout) {}

  /** Puts a new variable together. */
  variable(...parts: (string | (() => void))[]): void {
    this.add("v4");
    for (const part of parts) {
      if (typeof part === "string") this.append(this.code.text(part));
      else part();
    }
    this.endText();
  }

  /** Begins a new argument with a text. */
  path(...labels: string[]): void {
    this.add("v4");
    for (const label of labels) this.append(label);
  }

  /** Appends the string at a label to the text. */
  append(label: string): void {
    this.code.address("a0", label);
    this.appendText();
  }

  /** Appends string a0 to the text, and leaves room for a number. */
  appendText(): void {
    this.code.address("a2", "end of text");
    this.code.call("append");
  }

  /** Ends a string of the text. */
  endText(): void {
    this.code.increase("v4", 1);
  }

  /** Adds an address to the variables or arguments. */
  add(register: Register): void {
    this.code.store("v2", register);
    this.code.increase("v2", 8);
  }

  /** Does something if the command is `scan --resume`. */
  ifResumes(then: () => void): void {
    const code = this.code;
    const no = this.name();
    code.load("a0", "v0");
    code.compare("a0", 3);
    code.branch("less", no);
    code.load("a0", "v0", 24);
    code.address("a1", code.text("--resume"));
    code.call("is equal");
    code.branch("unequal", no);
    then();
    code.label(no);
  }

  /** Reads link `path` into a variable: into `result` its length, or an error. */
  readLink(path: string, into: string): void {
    const code = this.code;
    this.setNegative("a0", AT_FDCWD);
    code.address("a1", path);
    code.address("a2", into);
    code.set("a3", LONGEST_PATH - 1);
    code.systemCall("readlinkat");
  }

  /** Puts a small negative number into a register. */
  setNegative(to: Register, value: number): void {
    this.code.set(to, 0);
    this.code.increase(to, value);
  }

  /** Writes a register to a variable. */
  keep(variable: string, from: Register): void {
    this.code.address("a0", variable);
    this.code.store("a0", from);
  }

  /** Reads a variable. */
  recall(to: Register, variable: string): void {
    this.code.address(to, variable);
    this.code.load(to, to);
  }

  /** Does something unless the last comparison found that. */
  unless(condition: Parameters<MachineCode["branch"]>[0], then: () => void): void {
    const behind = this.name();
    this.code.branch(condition, behind);
    then();
    this.code.label(behind);
  }

  /** Gives the next instruction a label. */
  here(): string {
    const name = this.name();
    this.code.label(name);
    return name;
  }

  /** Returns a new label. */
  name(): string {
    return `place ${this.#labels++}`;
  }
}
