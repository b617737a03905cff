/**
 * Random numbers that a seed repeats (mulberry32), for every random test.
 *
 * Each test has a default seed, written where it is registered. The environment variable `SV_SEED`
 * replaces it: `SV_SEED=7 ./scripts/test engine`. The error of a failing test names its seed.
 *
 * @module
 */

/** A sequence of random numbers. */
export class Random {
  #state: number;

  /** @param seed Where the sequence begins; only its lower 32 bits count. */
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** Returns a number from 0 up to, not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Returns an integer from 0 up to, not including, the limit. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** Returns true with the probability given. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Returns one of the items, or one character of a string. */
  pick<Item>(items: ArrayLike<Item>): Item {
    return items[this.below(items.length)]!;
  }
}

/**
 * Returns the seeds to test with: the one in the environment variable `SV_SEED`, else the defaults.
 *
 * @param defaults The seeds of every ordinary run.
 * @returns One seed or several.
 * @throws {RangeError} When `SV_SEED` is no integer.
 */
export function seeds(...defaults: number[]): readonly number[] {
  const chosen = Deno.env.get("SV_SEED") ?? "";
  if (chosen === "") return defaults;
  if (!/^-?\d+$/.test(chosen)) throw new RangeError(`SV_SEED must be an integer, not '${chosen}'`);
  return [Number(chosen)];
}

/**
 * Runs a test with random numbers, and names the seed if it fails.
 *
 * @param seed The seed.
 * @param test The test, which may be asynchronous.
 * @returns What the test returns.
 * @throws {Error} What the test throws, with the seed before its message.
 */
export function withRandom<Result>(seed: number, test: (random: Random) => Result): Result {
  const fail = (error: unknown): never => {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`With SV_SEED=${seed}: ${message}`, { cause: error });
  };
  try {
    const result = test(new Random(seed));
    return result instanceof Promise ? result.catch(fail) as Result : result;
  } catch (error) {
    return fail(error);
  }
}

/**
 * Makes a test function with random numbers, for `Deno.test(name, seeded(1, …))`.
 *
 * @param seed The default seed.
 * @param test The test, which may be asynchronous.
 * @returns A function that runs the test with the default seed, or with that of `SV_SEED`.
 */
export function seeded<Result>(seed: number, test: (random: Random) => Result): () => Result {
  const [chosen = seed] = seeds(seed);
  return () => withRandom(chosen, test);
}
