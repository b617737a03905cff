/**
 * Why a call of the C library has failed.
 *
 * For a result of 64 bits the runtime makes a big integer behind the call: it allocates memory, and may have to
 * wait for one of its own threads. What that leaves in errno ("No such file", for a file of the processor's
 * clock) is not what the call has left. So a call that fails is made again, until it has failed twice in a
 * row for the same reason. Behind a call with a shorter result it only gives memory back.
 *
 * Remove when Deno hands over errno with the result of a call.
 *
 * @module
 */

/** A system call was interrupted by a signal. */
const EINTR = 4;

/**
 * How often a call is made at most. Five calls find the reason even if two of them were disturbed;
 * of a million calls under load none was (Deno 2.9).
 */
const ATTEMPTS = 5;

/**
 * Makes a call, and makes sure of the errno if it fails. After EINTR it does not try again: only the
 * caller knows whether there is still time to.
 *
 * @param call A call that has done nothing when it returns -1: a part that was done (of a send, say) is a
 *   success.
 * @param errno Returns the errno that the last call has left.
 * @returns What the last call returned.
 */
export function confirmed(call: () => unknown, errno: () => number): unknown {
  let former = 0;
  for (let attempt = 1;; attempt++) {
    const result = call();
    if (result !== -1 && result !== -1n) return result;
    const reason = errno();
    if (reason === former || reason === EINTR || attempt === ATTEMPTS) return result;
    former = reason;
  }
}
