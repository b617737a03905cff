import { Listener } from "../../lib/fifodir/listener.ts";
import { control } from "../../mod.ts";
import { median, rest } from "./measure.ts";
import { memoryOf } from "./memory.ts";
import type { Result, Row } from "./row.ts";
import { type ScanCommand, Scanned, scans } from "./scanned.ts";
import type { Contestants } from "./contestants.ts";
import { timesRun, wakeUps } from "./idle.ts";

/** Measures the contestants in turns, and compares their medians. */
async function inTurns(
  contestants: Contestants,
  services: number,
  rounds: number,
  measure: (scanned: Scanned) => number | Promise<number>,
): Promise<Result[]> {
  const { forms, references } = scans(contestants, services);
  const numbers = new Map<ScanCommand, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const command of [...forms, ...references]) {
      using scanned = await Scanned.start(contestants.scratch, services, command);
      try {
        numbers.set(command, [...numbers.get(command) ?? [], await measure(scanned)]);
      } catch (error) {
        throw new Error(`${command.name}: ${(error as Error).message}`, { cause: error });
      }
    }
  }
  const result = (command: ScanCommand) => median(numbers.get(command)!);
  return forms.flatMap((form) =>
    references.map((reference): Result => ({
      sv: form.name,
      value: result(form),
      against: reference.name,
      reference: result(reference),
    }))
  );
}

function startRow(services: number, rounds: number, budget?: number): Row {
  return {
    name: `scan of ${services} services: start → all ready`,
    unit: "ms",
    ...budget === undefined ? {} : { budget },
    measure: (contestants) =>
      inTurns(contestants, services, rounds, ({ milliseconds }) => milliseconds),
  };
}

function memoryRow(services: number): Row {
  return {
    name: `scan of ${services} services: memory (PSS)`,
    unit: "MiB",
    budget: 0.6,
    measure: (contestants) =>
      inTurns(contestants, services, 1, async (scanned) => {
        await rest(1000);
        return scanned.supervisors.reduce((sum, pid) => sum + memoryOf(pid), 0);
      }),
  };
}

const IDLE_SECONDS = 10;

const idleRow: Row = {
  name: `scan of 100 services: wake-ups in ${IDLE_SECONDS} s`,
  unit: "",
  budget: 0,
  measure: (contestants) =>
    inTurns(contestants, 100, 1, async (scanned) => {
      // The threads that started the services end after ten idle seconds.
      await rest(13_000);
      const all = scanned.supervisors;
      const before = all.map(timesRun);
      await rest(IDLE_SECONDS * 1000);
      return all.reduce((sum, pid, index) => sum + wakeUps(before[index]!, timesRun(pid)), 0);
    }),
};

const RESTARTS = 1000;

/** Returns the time from the first of many `-r` until every service is ready again. */
async function restarts(scanned: Scanned): Promise<number> {
  // A service that was ready for less than a second is restarted only when that second is over.
  await rest(1500);
  using stack = new DisposableStack();
  const dirs = Array.from({ length: RESTARTS }, (_, index) => `${scanned.directory}/s${index}`);
  const listeners = dirs.map((dir) => stack.use(new Listener(`${dir}/event`)));
  const before = performance.now();
  for (const dir of dirs) control(dir, "r");
  for (const [index, listener] of listeners.entries()) {
    let events = "";
    while (!events.includes("U")) {
      events += String.fromCharCode(...listener.read());
      if (events.includes("U")) break;
      if (performance.now() - before > 60_000) throw new Error(`s${index}: only ${events}`);
      await rest(1);
    }
    if (events !== "dDuU") throw new Error(`s${index}: ${events} in place of dDuU`);
  }
  return performance.now() - before;
}

const restartRow: Row = {
  name: `scan: ${RESTARTS} \`-r\` at once → all events seen`,
  unit: "ms",
  measure: (contestants) => inTurns(contestants, RESTARTS, 3, restarts),
};

/** The rows of a scan of many services. */
export const scanRows: readonly Row[] = [
  startRow(10, 9),
  startRow(100, 7),
  startRow(1000, 5, 1),
  startRow(5000, 1),
  memoryRow(1000),
  idleRow,
  restartRow,
];
