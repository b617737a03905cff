/**
 * Signals by name and number, and sending them.
 *
 * @module
 */

import { libc } from "./libc.ts";

/** Linux's signals, by their names without `SIG`. */
const numbers: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  PWR: 30,
  SYS: 31,
};

const aliases: Readonly<Record<string, number>> = { CLD: 17, IOT: 6, POLL: 29, UNUSED: 31 };

/** A signal's name without `SIG`; for one that has none, as s6 does, `???`. */
export function signalName(number: number): string {
  return Object.keys(numbers).find((name) => numbers[name] === number) ?? "???";
}

/**
 * The number of a signal that is given by name, with or without `SIG`, in any case, or by number.
 *
 * @returns undefined where the text names no signal.
 */
export function signalNumber(text: string): number | undefined {
  const name = text.toUpperCase().replace(/^SIG/, "");
  const number = numbers[name] ?? aliases[name];
  if (number !== undefined) return number;
  return /^\d{1,10}$/.test(name) ? Number(name) : undefined;
}

/** Sends a signal to a process; false when there is none such (or it may not be signalled). */
export function sendSignal(pid: number, signal: number): boolean {
  return pid > 0 && libc.kill(pid, signal) === 0;
}

/** Sends a signal to a process group; false when there is none such. */
export function sendSignalToGroup(group: number, signal: number): boolean {
  return group > 0 && libc.killpg(group, signal) === 0;
}

const SIG_SETMASK = 2;
const SIG_DFL = 0n;
const SIG_IGN = 1;
const SIGACTION_BYTES = 160;
const SIGCHLD = 17;
const SIGNAL_SET_BYTES = 128;
const SIGPIPE = 13;

/** Undoes what the runtime did to this process's signals, just before another program takes it over. */
export function resetSignals(): void {
  unblockSignals();
  libc.signal(SIGPIPE, SIG_DFL);
}

/** Calls a function while no signal is blocked: a child inherits that. */
export function withoutBlockedSignals<T>(call: () => T): T {
  const former = new Uint8Array(SIGNAL_SET_BYTES);
  libc.sigprocmask(SIG_SETMASK, new Uint8Array(SIGNAL_SET_BYTES), former);
  try {
    return call();
  } finally {
    libc.sigprocmask(SIG_SETMASK, former, new Uint8Array(SIGNAL_SET_BYTES));
  }
}

/** Calls a function while some signals are ignored: a child inherits that. */
export function withIgnoredSignals<T>(signals: readonly number[], call: () => T): T {
  const ignore = new Uint8Array(SIGACTION_BYTES);
  ignore[0] = SIG_IGN;
  const former = signals.map((signal) => {
    const action = new Uint8Array(SIGACTION_BYTES);
    libc.sigaction(signal, ignore, action);
    return action;
  });
  try {
    return call();
  } finally {
    signals.forEach((signal, index) => libc.sigaction(signal, former[index]!, null));
  }
}

/**
 * Which of some signals this process ignores. To be asked before the program listens to them: a
 * daemon under `nohup sv supervise` is to ignore SIGHUP as one under nohup does.
 */
export function ignoredSignals(signals: readonly number[]): number[] {
  const status = Deno.readTextFileSync("/proc/self/status");
  const mask = BigInt(`0x${/^SigIgn:\s*(\w+)/m.exec(status)?.[1] ?? "0"}`);
  return signals.filter((signal) => mask & (1n << BigInt(signal - 1)));
}

/** Undoes what a parent may have done: ignored, SIGCHLD would make the kernel forget how children end. */
export function receiveChildSignals(): void {
  libc.signal(SIGCHLD, SIG_DFL);
}

/** Makes all signals to this process wait, through a change of programs if need be. */
export function blockSignals(): void {
  const all = new Uint8Array(SIGNAL_SET_BYTES).fill(0xff);
  libc.sigprocmask(SIG_SETMASK, all, new Uint8Array(SIGNAL_SET_BYTES));
}

/** Lets signals to this process in again, those that waited first. */
export function unblockSignals(): void {
  libc.sigprocmask(SIG_SETMASK, new Uint8Array(SIGNAL_SET_BYTES), new Uint8Array(SIGNAL_SET_BYTES));
}
