import { waitReadable } from "../../lib/os/descriptor.ts";
import { close, CWD, Open, open } from "../../lib/os/file.ts";
import { openProcess, reap } from "../../lib/os/process.ts";
import { PosixSpawner } from "../../lib/os/spawn/posix_spawner.ts";
import type { PassedDescriptor } from "../../lib/os/spawn/spawner.ts";

/** The longest time that a measurement waits, in milliseconds. */
export const DEADLINE = 20_000;

const spawner = new PosixSpawner();
const nowhere = open(CWD, "/dev/null", Open.READ_WRITE);

/** A program that was started. */
export interface Running {
  readonly pid: number;
  readonly pidfd: number;
}

/** Starts a program with its output in /dev/null. */
export function start(
  argv: readonly string[],
  { directory = ".", descriptors = [] }: {
    readonly directory?: string;
    readonly descriptors?: readonly PassedDescriptor[];
  } = {},
): Running {
  const cwd = open(CWD, directory, Open.READ | Open.DIRECTORY);
  try {
    const { pid } = spawner.spawn({
      directory: cwd,
      argv,
      file: argv[0]!,
      stdin: nowhere,
      stdout: nowhere,
      descriptors,
    });
    return { pid, pidfd: openProcess(pid) };
  } finally {
    close(cwd);
  }
}

/** Waits until a program has exited, and blocks the thread meanwhile. */
export function awaitExit({ pidfd }: Running): void {
  if (!waitReadable([pidfd], DEADLINE)[0]) throw new Error("a program did not exit in time");
  reap(pidfd);
  close(pidfd);
}

/** Returns the milliseconds that a program takes from its start to its exit. */
export function duration(...args: Parameters<typeof start>): number {
  const before = performance.now();
  awaitExit(start(...args));
  return performance.now() - before;
}

/** Returns the median. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[numbers.length >> 1]!;
}

/** Waits, so that other programs come to rest. */
export function rest(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Measures things in turns, so that a busy moment hits all alike; returns the medians. */
export async function inTurns(
  rounds: number,
  things: readonly (() => number | Promise<number>)[],
): Promise<number[]> {
  const numbers: number[][] = things.map(() => []);
  // The first run also loads and compiles: it does not count.
  for (let round = -3; round < rounds; round++) {
    for (const [index, thing] of things.entries()) {
      const number = await thing();
      if (round >= 0) numbers[index]!.push(number);
    }
  }
  return numbers.map(median);
}

/** Compares each form of `sv` with each reference, in one run. */
export async function compare(
  rounds: number,
  forms: readonly { readonly name: string; readonly run: () => number | Promise<number> }[],
  references: readonly { readonly name: string; readonly run: () => number | Promise<number> }[],
) {
  const numbers = await inTurns(rounds, [...forms, ...references].map(({ run }) => run));
  return forms.flatMap((form, index) =>
    references.map((reference, which) => ({
      sv: form.name,
      value: numbers[index]!,
      against: reference.name,
      reference: numbers[forms.length + which]!,
    }))
  );
}
