import { rest } from "./measure.ts";
import type { Result, Row } from "./row.ts";
import { withSupervisors } from "./supervised.ts";

const SECONDS = 10;

/** How many times the kernel ran each thread of a process, by its id. */
export type TimesRun = ReadonlyMap<string, number>;

/**
 * Returns how many times each thread of a process was run.
 *
 * A thread that did not run made no system call. To read these numbers does not disturb the
 * threads, as tracing their calls would.
 */
export function timesRun(pid: number): TimesRun {
  const times = new Map<string, number>();
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    const status = Deno.readTextFileSync(`/proc/${pid}/task/${name}/status`);
    const numbers = [...status.matchAll(/ctxt_switches:\s*(\d+)/g)].map(([, number]) =>
      Number(number)
    );
    times.set(name, numbers.reduce((sum, number) => sum + number, 0));
  }
  return times;
}

export function wakeUps(before: TimesRun, after: TimesRun): number {
  let sum = 0;
  for (const [thread, times] of after) sum += times - (before.get(thread) ?? 0);
  // A thread that has ended ran once more for that.
  for (const thread of before.keys()) sum += after.has(thread) ? 0 : 1;
  return sum;
}

/** Measures how often an idle supervisor wakes up. */
export const idle: Row = {
  name: `wake-ups of an idle supervisor in ${SECONDS} s`,
  unit: "",
  budget: 0,
  measure: (contestants) =>
    withSupervisors(contestants, async (forms, references) => {
      const all = [...forms, ...references];
      // Deno ends idle threads after ten seconds.
      await rest(12_000);
      const before = all.map(({ service }) => timesRun(service.supervisor.pid));
      await rest(SECONDS * 1000);
      const times = all.map(({ service }, index) =>
        wakeUps(before[index]!, timesRun(service.supervisor.pid))
      );
      return forms.map(({ name }, index): Result => ({
        sv: name,
        value: times[index]!,
        against: references[0]!.name,
        reference: times[forms.length]!,
      }));
    }),
};
