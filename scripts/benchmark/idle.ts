import { rest } from "./measure.ts";
import type { Result, Row } from "./row.ts";
import { withSupervisors } from "./supervised.ts";

const SECONDS = 10;

/**
 * How often the threads of a process were run. A thread that is not run makes no system call, and
 * to look at this disturbs nothing.
 */
function timesRun(pid: number): number {
  let sum = 0;
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    const status = Deno.readTextFileSync(`/proc/${pid}/task/${name}/status`);
    for (const [, number] of status.matchAll(/ctxt_switches:\s*(\d+)/g)) sum += Number(number);
  }
  return sum;
}

/** How often an idle supervisor wakes up. */
export const idle: Row = {
  name: `wake-ups of an idle supervisor in ${SECONDS} s`,
  unit: "",
  budget: 0,
  measure: (contestants) =>
    withSupervisors(contestants, async (forms, references) => {
      const all = [...forms, ...references];
      // The runtime puts its own threads to rest first.
      await rest(6000);
      const before = all.map(({ service }) => timesRun(service.supervisor.pid));
      await rest(SECONDS * 1000);
      const times = all.map(({ service }, index) =>
        timesRun(service.supervisor.pid) - before[index]!
      );
      return forms.map(({ name }, index): Result => ({
        sv: name,
        value: times[index]!,
        against: references[0]!.name,
        reference: times[forms.length]!,
      }));
    }),
};
