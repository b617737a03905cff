import { tryRead } from "./file.ts";
import { libc } from "./libc.ts";
import { signalSet } from "./signal_state.ts";
import { check } from "./system_error.ts";

const SIGNAL_INFO_BYTES = 128;
const SFD_FLAGS = 0o2004000;
const SIGNALS_AT_ONCE = 64;
const CODE_OFFSET = 8;
const SI_KERNEL = 0x80;

/** A signal that has come. */
export interface ReceivedSignal {
  /** Its number. */
  readonly number: number;
  /** Whether the kernel has sent it, as at Ctrl-C: then all processes in the terminal's foreground have it. */
  readonly fromKernel: boolean;
}

/**
 * Makes a descriptor from which signals are read, instead of being handled. They must be blocked in every
 * thread (see `blockSignalsInAllThreads`).
 *
 * @param signals The signals, by number.
 */
export function signalDescriptor(signals: readonly number[]): number {
  return check(libc.signalfd(-1, signalSet(signals), SFD_FLAGS), "make a descriptor for signals");
}

/**
 * Takes signals that have come, in their order. Where more than 64 have come, the descriptor stays
 * readable.
 */
export function readSignals(descriptor: number): ReceivedSignal[] {
  const buffer = new Uint8Array(SIGNAL_INFO_BYTES * SIGNALS_AT_ONCE);
  const view = new DataView(buffer.buffer);
  const count = tryRead(descriptor, buffer);
  const signals: ReceivedSignal[] = [];
  for (let at = 0; at < count; at += SIGNAL_INFO_BYTES) {
    signals.push({
      number: view.getUint32(at, true),
      fromKernel: view.getInt32(at + CODE_OFFSET, true) === SI_KERNEL,
    });
  }
  return signals;
}
