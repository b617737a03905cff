import { Priority, reactor } from "../os/reactor.ts";
import { Listener } from "../fifodir/listener.ts";

/** Events of a fifodir, as they come. */
export interface Subscription extends AsyncIterableIterator<string>, AsyncDisposable, Disposable {}

/**
 * Listens to a fifodir.
 *
 * From the moment this returns no event is missed, so: subscribe first, then read the service's
 * status. Each event is one character. Ending the loop, or disposing of the subscription, removes
 * the listener's FIFO.
 *
 * Follows s6's `ftrigr_subscribe`.
 *
 * Permissions: `ffi`.
 *
 * @param fifodir Path of the fifodir; for a service, its `event` directory.
 * @param options An abort signal ends the iteration.
 * @throws {SystemError} when nobody, or not this user, may listen there.
 *
 * @example
 * ```ts
 * import { makeFifodir, notify, subscribe } from "@sv/supervise";
 *
 * const fifodir = Deno.makeTempDirSync() + "/event";
 * makeFifodir(fifodir);
 * using events = subscribe(fifodir);
 * notify(fifodir, "uU");
 * for await (const event of events) {
 *   console.log(event); // "u", then "U"
 *   if (event === "U") break;
 * }
 * ```
 */
export function subscribe(
  fifodir: string,
  options: { readonly signal?: AbortSignal } = {},
): Subscription {
  options.signal?.throwIfAborted();
  const listener = new Listener(fifodir);
  const pending: string[] = [];
  const waiting: PromiseWithResolvers<IteratorResult<string>>[] = [];
  const end: IteratorResult<string> = { done: true, value: undefined };
  let failure: unknown;
  let open = true;

  function close(): void {
    if (!open) return;
    open = false;
    options.signal?.removeEventListener("abort", close);
    reactor().unwatch(listener.fd);
    listener[Symbol.dispose]();
    for (const waiter of waiting.splice(0)) {
      if (failure === undefined) waiter.resolve(end);
      else waiter.reject(failure);
    }
  }

  function receive(): void {
    try {
      for (const byte of listener.read()) {
        const event = String.fromCharCode(byte);
        const waiter = waiting.shift();
        if (waiter) waiter.resolve({ done: false, value: event });
        else pending.push(event);
      }
    } catch (error) {
      failure = error;
      close();
    }
  }

  reactor().watch(listener.fd, Priority.Ordinary, receive);
  options.signal?.addEventListener("abort", close);
  return {
    next() {
      const event = pending.shift();
      if (event !== undefined) return Promise.resolve({ done: false, value: event });
      if (!open) return Promise.resolve(end);
      const waiter = Promise.withResolvers<IteratorResult<string>>();
      waiting.push(waiter);
      return waiter.promise;
    },
    return() {
      close();
      return Promise.resolve(end);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.dispose]: close,
    [Symbol.asyncDispose]() {
      close();
      return Promise.resolve();
    },
  };
}
