/**
 * What the kernel tells of a process in one line, `/proc/PID/stat`.
 *
 * @module
 */

import { close, CWD, Open, tryOpen, tryRead } from "./file.ts";
import { cString, decodeOs } from "./os_string.ts";

/** The fields after the name, counted from 0. */
const STATE = 0;
const PARENT = 1;
const SESSION = 3;
const USER_TIME = 11;
const SYSTEM_TIME = 12;
const START = 19;
const RESIDENT_PAGES = 21;

/** The read buffer; its content is used before the next read. */
const buffer = new Uint8Array(1024);

/** A process at one moment. */
export class ProcessStat {
  readonly #text: string;
  /** Where the name ends: it is in parentheses and may hold anything. */
  readonly #nameEnd: number;
  readonly #fields: string[];

  /** @param text The line. */
  constructor(text: string) {
    this.#text = text;
    this.#nameEnd = text.lastIndexOf(")");
    this.#fields = text.slice(this.#nameEnd + 2).split(" ", RESIDENT_PAGES + 1);
  }

  /** Its name, 15 bytes at most. */
  get name(): string {
    return this.#text.slice(this.#text.indexOf("(") + 1, this.#nameEnd);
  }

  /** Its state, a letter: R, S, D, T (stopped), t (traced), Z, … */
  get state(): string {
    return this.#fields[STATE]!;
  }

  /** Whether it has died, and waits to be reaped. */
  get dead(): boolean {
    return /[ZXx]/.test(this.state);
  }

  /** Its parent's process id. */
  get parent(): number {
    return Number(this.#fields[PARENT]);
  }

  /** The session that it belongs to: the process id of the session's leader. */
  get session(): number {
    return Number(this.#fields[SESSION]);
  }

  /** Processor time that it has used, in clock ticks. */
  get processorTicks(): number {
    return Number(this.#fields[USER_TIME]) + Number(this.#fields[SYSTEM_TIME]);
  }

  /** When it was started: clock ticks since the boot. */
  get ticks(): string {
    return this.#fields[START]!;
  }

  /** How many pages of memory it has in use, what it shares with others included. */
  get residentPages(): number {
    return Number(this.#fields[RESIDENT_PAGES]);
  }
}

/** Reads the first bytes of a file of /proc; undefined where that is impossible. */
export function readProc(path: string): string | undefined {
  const fd = tryOpen(CWD, cString(path), Open.READ);
  if (fd < 0) return undefined;
  const count = tryRead(fd, buffer);
  close(fd);
  return count > 0 ? decodeOs(buffer.subarray(0, count)) : undefined;
}

/** Returns what the kernel tells of a process; undefined where there is none, or /proc doesn't show it. */
export function statOf(pid: number | string): ProcessStat | undefined {
  const text = readProc(`/proc/${pid}/stat`);
  return text === undefined ? undefined : new ProcessStat(text);
}
