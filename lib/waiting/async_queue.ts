/**
 * Values that are pushed in as they come, and taken out in that order by a `for await` loop.
 *
 * Values that were pushed before the queue was closed can still be taken.
 */
export class AsyncQueue<T> implements AsyncIterableIterator<T>, AsyncDisposable, Disposable {
  readonly #onClose: () => void;
  readonly #values: T[] = [];
  /** Calls of `next` for which no value has come yet. */
  readonly #takers: PromiseWithResolvers<IteratorResult<T>>[] = [];
  #failure: { readonly error: unknown } | undefined;
  #closed = false;

  /** @param onClose Called once, when the loop ends or the queue is disposed of or has failed. */
  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  /** Whether the queue takes no more values. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Adds a value at the end. */
  push(value: T): void {
    if (this.#closed) return;
    const taker = this.#takers.shift();
    if (taker === undefined) this.#values.push(value);
    else taker.resolve({ done: false, value });
  }

  /** Closes the queue. The loop gets the error once, after the values that came before it. */
  fail(error: unknown): void {
    if (this.#closed) return;
    this.#failure = { error };
    this[Symbol.dispose]();
  }

  next(): Promise<IteratorResult<T>> {
    const taker = Promise.withResolvers<IteratorResult<T>>();
    if (this.#values.length > 0) taker.resolve({ done: false, value: this.#values.shift()! });
    else if (this.#closed) this.#end(taker);
    else this.#takers.push(taker);
    return taker.promise;
  }

  #end(taker: PromiseWithResolvers<IteratorResult<T>>): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure === undefined) taker.resolve({ done: true, value: undefined });
    else taker.reject(failure.error);
  }

  return(): Promise<IteratorResult<T>> {
    this[Symbol.dispose]();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose();
    for (const taker of this.#takers.splice(0)) this.#end(taker);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]();
    return Promise.resolve();
  }
}
