import { rest } from "./measure.ts";
import type { Result, Row } from "./row.ts";
import { withSupervisors } from "./supervised.ts";

/** Returns the memory of a process in MiB, with its part of what it shares with others (PSS). */
export function memoryOf(pid: number): number {
  const rollup = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
  return Number(/^Pss:\s+(\d+)/m.exec(rollup)![1]) / 1024;
}

/** Measures the memory of a supervisor: mostly the runtime's, which a scan has once. */
export const oneSupervisor: Row = {
  name: "memory of a supervisor of one service (PSS)",
  unit: "MiB",
  measure: (contestants) =>
    withSupervisors(contestants, async (forms, references) => {
      await rest(500);
      return forms.flatMap(({ name, service }) =>
        references.map((reference): Result => ({
          sv: name,
          value: memoryOf(service.supervisor.pid),
          against: reference.name,
          reference: memoryOf(reference.service.supervisor.pid),
        }))
      );
    }),
};
