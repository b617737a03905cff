/**
 * Which signals this process, and the programs that it starts, block and ignore.
 *
 * @module
 */

import { libc } from "./libc.ts";
import { Signal } from "./signal.ts";

const SIG_BLOCK = 0;
const SIG_UNBLOCK = 1;
const SIG_SETMASK = 2;
const SIG_DFL = 0n;
const SIG_IGN = 1;
const SIGACTION_BYTES = 160;
const SIGNAL_SET_BYTES = 128;

/** Undoes what the runtime did to this process's signals; before this process becomes another program. */
export function resetSignals(): void {
  unblockSignals();
  libc.signal(Signal.PIPE, SIG_DFL);
}

/** Ignores some signals from now on; so does the program that this process may become. */
export function ignoreSignals(signals: readonly number[]): void {
  for (const signal of signals) libc.signal(signal, BigInt(SIG_IGN));
}

function allSignals(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(SIGNAL_SET_BYTES).fill(0xff);
}

/** Returns a set of signals, as the C library has it. */
export function signalSet(signals: readonly number[]): Uint8Array<ArrayBuffer> {
  const set = new Uint8Array(SIGNAL_SET_BYTES);
  for (const signal of signals) set[(signal - 1) >> 3]! |= 1 << ((signal - 1) & 7);
  return set;
}

/**
 * Unblocks some signals in this thread, which then receives those that have come meanwhile, too. For
 * signals that this program handles: its parent may have started it with them blocked.
 */
export function receiveSignals(signals: readonly number[]): void {
  libc.sigprocmask(SIG_UNBLOCK, signalSet(signals), new Uint8Array(SIGNAL_SET_BYTES));
}

/** Blocks some signals in this thread, beside those that it blocks already. */
export function blockMore(signals: readonly number[]): void {
  libc.sigprocmask(SIG_BLOCK, signalSet(signals), new Uint8Array(SIGNAL_SET_BYTES));
}

/** Blocks some signals in this thread, and no other. */
export function blockOnly(signals: readonly number[]): void {
  libc.sigprocmask(SIG_SETMASK, signalSet(signals), new Uint8Array(SIGNAL_SET_BYTES));
}

/** Calls a function while all signals are blocked in this thread. */
export function withBlockedSignals<T>(call: () => T): T {
  const former = new Uint8Array(SIGNAL_SET_BYTES);
  libc.sigprocmask(SIG_SETMASK, allSignals(), former);
  try {
    return call();
  } finally {
    libc.sigprocmask(SIG_SETMASK, former, new Uint8Array(SIGNAL_SET_BYTES));
  }
}

/** Calls a function while some signals are ignored; a child that it starts ignores them, too. */
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
 * Returns those of some signals that this process ignores. Call it before the program listens to
 * them: a daemon under `nohup sv supervise` ignores SIGHUP, as it does under nohup alone.
 */
export function ignoredSignals(signals: readonly number[]): number[] {
  return signals.filter((signal) => {
    const action = new Uint8Array(SIGACTION_BYTES);
    libc.sigaction(signal, null, action);
    return new DataView(action.buffer).getBigUint64(0, true) === BigInt(SIG_IGN);
  });
}

/** Returns the signals 1 to 64 that this thread blocks, a bit each: the lowest is signal 1. */
export function blockedSignals(): bigint {
  const blocked = new Uint8Array(SIGNAL_SET_BYTES);
  libc.sigprocmask(SIG_UNBLOCK, new Uint8Array(SIGNAL_SET_BYTES), blocked);
  return new DataView(blocked.buffer).getBigUint64(0, true);
}

/**
 * Stops ignoring SIGCHLD, which this program may have inherited: the kernel would then keep no wait status
 * of children.
 */
export function receiveChildSignals(): void {
  libc.signal(Signal.CHLD, SIG_DFL);
}

/** Blocks all signals in this thread: they wait, also while this process becomes another program. */
export function blockSignals(): void {
  libc.sigprocmask(SIG_SETMASK, allSignals(), new Uint8Array(SIGNAL_SET_BYTES));
}

/** Unblocks all signals in this thread. */
export function unblockSignals(): void {
  libc.sigprocmask(SIG_SETMASK, new Uint8Array(SIGNAL_SET_BYTES), new Uint8Array(SIGNAL_SET_BYTES));
}
