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
