/**
 * Whether the runtime could start a thread.
 *
 * A non-blocking call needs a thread of the runtime's pool. Where the kernel refuses to start one, the
 * runtime does not refuse the call: it panics ("OS can't spawn worker thread", denoland/deno#19711).
 *
 * Remove when a non-blocking call fails by an error where no thread can be started.
 *
 * @module
 */

import { addressOf, libc } from "../libc.ts";

/** Whether one more thread can be started now: starts one that does nothing, and waits for its end. */
export function canStartThread(): boolean {
  const thread = new BigUint64Array(1);
  const nothing = addressOf("free");
  if (nothing === null) return true;
  // free(NULL) does nothing.
  if (libc.pthread_create(new Uint8Array(thread.buffer), null, nothing, null) !== 0) return false;
  libc.pthread_join(thread[0]!, null);
  return true;
}
