/**
 * Why a call of the C library has failed.
 *
 * Behind a call that it has not compiled (see libc.ts) the runtime gives memory back or allocates some, and may
 * have to wait for one of its own threads. What that leaves in errno ("No such file", for a file of the
 * processor's clock) is not what the call has left. So a call that fails is made again, until it has failed twice
 * in a row for the same reason.
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
 * Functions that are not called a second time, because they have an effect even when they fail:
 *
 * - close(2) has closed the descriptor. Its number may belong to another thread's file by now. Nothing
 *   asks for its errno.
 * - getgrouplist(3) has stored how many groups there are, over the number that fit: called again, it would
 *   write them all. Nothing asks for its errno.
 * - connect(2) on a non-blocking socket has begun to connect; a second call fails for another reason, or
 *   takes the reason of the first one away. Its errno is needed, so it is compiled at once.
 *
 * All others may be repeated. Those that make something, remove it, lock it, start or signal it, set it,
 * read, write, send or receive have done nothing when they return -1: a part that was done (of a write,
 * say) is a success. execve(2) and unshare(2) fail before they change anything; waitid(2) reaps only
 * when it succeeds; epoll_wait(2) and poll(2) wait only when they don't fail. posix_spawn(3), pthread,
 * getaddrinfo and regcomp return their reason, which is never -1 for what is passed here.
 */
const MADE_ONCE: ReadonlySet<string> = new Set(["close", "getgrouplist", "connect"]);

/** Whether a call that has failed may be made again. */
export function isRepeatable(name: string): boolean {
  return !MADE_ONCE.has(name);
}

/**
 * Makes sure of the errno of a call that has failed. After EINTR it does not try again: only the caller knows
 * whether there is still time to.
 *
 * @param reason The errno that was read behind it.
 * @param again Makes the call again; it {@linkcode isRepeatable}.
 * @param errno Returns the errno that the last call has left.
 * @param failed What the call returned.
 * @returns What the last call returned.
 */
export function confirmed<Result>(
  reason: number,
  again: () => unknown,
  errno: () => number,
  failed: Result,
): unknown {
  let former = reason;
  for (let attempt = 2; former !== EINTR && attempt <= ATTEMPTS; attempt++) {
    const result = again();
    if (result !== failed) return result;
    const next = errno();
    if (next === former) break;
    former = next;
  }
  return failed;
}
