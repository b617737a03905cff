import { control } from "../../mod.ts";
import type { Contestants } from "./contestants.ts";
import { timesRun, wakeUps } from "./idle.ts";
import { compare, duration, rest, start } from "./measure.ts";
import type { Result, Row } from "./row.ts";
import { Scanned, scans } from "./scanned.ts";

/** How many services are scanned. */
export const SERVICES = 1000;
const SECONDS = 10;
/** A restart is four events. */
const RESTARTS_A_SECOND = 25;
/** The most of a core that `sv watch` may take while that many events arrive, in percent. */
const MOST_PERCENT = 2;
/** What `sv status` may take above the empty program's time, and by what that is multiplied. */
const ALLOWED = { factor: 1.5, milliseconds: 50 };

/** Starts a scan of so many services, and does something while it runs. */
export async function whileScanned<T>(
  contestants: Contestants,
  call: (scanned: Scanned) => Promise<T>,
): Promise<T> {
  const { forms } = scans(contestants, SERVICES);
  using scanned = await Scanned.start(contestants.scratch, SERVICES, forms[0]!);
  return await call(scanned);
}

/** Measures how long `sv status` of all services takes. */
const status: Row = {
  name: `\`sv status\` of ${SERVICES} services`,
  unit: "ms",
  budget: 1,
  measure: (contestants) =>
    whileScanned(contestants, async ({ directory }) => {
      const through = ["/usr/bin/env", `SVDIR=${directory}`];
      const results: Result[] = [];
      for (const { name, sv, empty } of contestants.forms) {
        const [result] = await compare(
          15,
          [{ name, run: () => duration([...through, ...sv, "status"]) }],
          [{ name: "", run: () => duration([...through, ...empty, "status"]) }],
        );
        results.push({
          ...result!,
          against: `${ALLOWED.factor} × empty program + ${ALLOWED.milliseconds} ms`,
          reference: result!.reference * ALLOWED.factor + ALLOWED.milliseconds,
        });
      }
      return results;
    }),
};

/** Returns how long the threads of a process have run, in milliseconds. */
export function processorTime(pid: number): number {
  let nanoseconds = 0;
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    const [ran] = Deno.readTextFileSync(`/proc/${pid}/task/${name}/schedstat`).split(" ");
    nanoseconds += Number(ran);
  }
  return nanoseconds / 1e6;
}

/** Starts `sv watch` of all services in each form in turn, and measures it. */
async function watching(
  contestants: Contestants,
  measure: (pid: number, scanned: Scanned) => Promise<number>,
  against: string,
  reference: number,
): Promise<Result[]> {
  return await whileScanned(contestants, async (scanned) => {
    const results: Result[] = [];
    for (const { name, sv } of contestants.forms) {
      const { pid } = start(
        ["/usr/bin/env", `SVDIR=${scanned.directory}`, ...sv, "watch"],
      );
      try {
        // Until it has read all services, and the runtime has ended its idle threads.
        await rest(13_000);
        results.push({ sv: name, value: await measure(pid, scanned), against, reference });
      } finally {
        Deno.kill(pid, "SIGKILL");
      }
    }
    return results;
  });
}

/** Measures what `sv watch` takes of a core while events arrive. */
const busyWatch: Row = {
  name: `\`sv watch\` of ${SERVICES} services, ${4 * RESTARTS_A_SECOND} events a second`,
  unit: "% of a core",
  budget: 1,
  measure: (contestants) =>
    watching(
      contestants,
      async (pid, { directory }) => {
        const before = processorTime(pid);
        const began = performance.now();
        for (let restart = 0; restart < RESTARTS_A_SECOND * SECONDS; restart++) {
          control(`${directory}/s${restart * 7 % SERVICES}`, "r");
          await rest(began + (restart + 1) * 1000 / RESTARTS_A_SECOND - performance.now());
        }
        return (processorTime(pid) - before) / (performance.now() - began) * 100;
      },
      "budget",
      MOST_PERCENT,
    ),
};

/** Measures how often `sv watch` wakes up while nothing changes. */
const idleWatch: Row = {
  name: `\`sv watch\` of ${SERVICES} services: wake-ups in ${SECONDS} idle s`,
  unit: "",
  budget: 0,
  measure: (contestants) =>
    watching(
      contestants,
      async (pid) => {
        const before = timesRun(pid);
        await rest(SECONDS * 1000);
        return wakeUps(before, timesRun(pid));
      },
      "budget",
      0,
    ),
};

/** The rows of the operator's console. */
export const consoleRows: readonly Row[] = [status, busyWatch, idleWatch];
