import { Priority, reactor } from "./reactor.ts";

/**
 * Waits until a descriptor has something to read, or can be written, or its other end is gone.
 *
 * @param fd The descriptor, which the reactor does not watch yet.
 * @param direction Whether to wait until it can be read, or until it can be written.
 * @param signal Aborting it ends the wait; the promise is then rejected with its reason.
 */
export async function awaitDescriptor(
  fd: number,
  direction: "read" | "write",
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    reactor().watch(fd, Priority.Ordinary, () => {
      // It stays ready until the caller reads or writes, which is later: one call is enough.
      reactor().unwatch(fd);
      resolve();
    }, direction);
    await promise;
  } finally {
    reactor().unwatch(fd);
    signal.removeEventListener("abort", abort);
  }
}
