import type { ServiceStart, StartRecord } from "../../../lib/rc/report/start_record.ts";

/** Returns the record of a longrun's start; without `ready` it was never ready. */
export function start(
  name: string,
  dependencies: readonly string[],
  ordered: number,
  ready?: number,
): ServiceStart {
  return {
    name,
    type: "longrun",
    dependencies,
    ordered,
    spawned: ordered + 1,
    ...ready !== undefined && { ready },
  };
}

/** A start in which `d` waits for two services that wait for `a`; `broken` was never ready. */
export const diamond: StartRecord = {
  date: Date.UTC(2026, 0, 1),
  services: [
    start("a", [], 0, 100),
    start("fast", ["a"], 100, 150),
    start("slow", ["a"], 100, 400),
    start("d", ["fast", "slow"], 400, 500),
    start("broken", ["a"], 100),
  ],
};
