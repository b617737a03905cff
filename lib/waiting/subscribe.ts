import { Listener } from "../fifodir/listener.ts";
import { AsyncQueue } from "./async_queue.ts";
import { waitOnReactor } from "./wait_on_reactor.ts";

/** The events of a fifodir, in the order in which they come. */
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
 * @throws {SystemError} when there is no such fifodir, or this user may not listen there.
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
  const { signal } = options;
  signal?.throwIfAborted();
  using stack = new DisposableStack();
  const listener = stack.use(new Listener(fifodir));
  const queue = new AsyncQueue<string>(() => resources.dispose());
  const push = {
    receive(_index: number, events: Uint8Array) {
      for (const event of events) queue.push(String.fromCharCode(event));
    },
    done: false,
  };
  stack.use(waitOnReactor([listener], push, Infinity, (ending) => {
    if (ending.how === "failed") queue.fail(ending.error);
  }));
  if (signal !== undefined) {
    const close = () => queue[Symbol.dispose]();
    signal.addEventListener("abort", close);
    stack.defer(() => signal.removeEventListener("abort", close));
  }
  const resources = stack.move();
  return queue;
}
