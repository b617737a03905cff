import { tryRead } from "./file.ts";
import { libc } from "./libc.ts";
import { check } from "./system_error.ts";

const SIGNAL_SET_BYTES = 128;
const SIGNAL_INFO_BYTES = 128;
const SFD_FLAGS = 0o2004000;

/**
 * Makes a descriptor from which signals are read, instead of being handled. They must be blocked in every
 * thread: that is so in a program that was started with them blocked, and in no other, because the
 * runtime has threads from its start.
 *
 * @param signals The signals, by number.
 */
export function signalDescriptor(signals: readonly number[]): number {
  const set = new Uint8Array(SIGNAL_SET_BYTES);
  for (const signal of signals) set[(signal - 1) >> 3]! |= 1 << ((signal - 1) & 7);
  return check(libc.signalfd(-1, set, SFD_FLAGS), "make a descriptor for signals");
}

/** Takes the signals that have come, in their order. */
export function readSignals(descriptor: number): number[] {
  const signals: number[] = [];
  const buffer = new Uint8Array(SIGNAL_INFO_BYTES * 16);
  const view = new DataView(buffer.buffer);
  for (;;) {
    const count = tryRead(descriptor, buffer);
    if (count <= 0) return signals;
    for (let at = 0; at < count; at += SIGNAL_INFO_BYTES) signals.push(view.getUint32(at, true));
  }
}
