import { freePort } from "../../tests/support/free_port.ts";
import { Random } from "../../tests/support/random.ts";
import type { Contestants } from "./contestants.ts";
import { median, rest } from "./measure.ts";
import { type Polled, PolledService, polledServices, WAITING } from "./polled.ts";
import type { Result, Row } from "./row.ts";

const SECONDS = 3;
const MICROSECONDS_A_TICK = 10_000;

const random = new Random(1);

/** Returns the processor time of a process and its ended children, in microseconds. */
function processorTime(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const [user, system] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(13, 15);
  let own = 0;
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    own += Number(Deno.readTextFileSync(`/proc/${pid}/task/${name}/schedstat`).split(" ")[0]);
  }
  return own / 1000 + (Number(user) + Number(system)) * MICROSECONDS_A_TICK;
}

/** Measures the programs in turns, and compares each form with each reference. */
async function compareAll(
  contestants: Contestants,
  rounds: number,
  measure: (scratch: string, polled: Polled) => Promise<number>,
): Promise<Result[]> {
  const { forms, references } = polledServices(contestants);
  const all = [...forms, ...references];
  const values: number[][] = all.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, polled] of all.entries()) {
      values[index]!.push(await measure(contestants.scratch, polled));
    }
  }
  const medians = values.map(median);
  return forms.flatMap((form, index) =>
    references.map((reference, which) => ({
      sv: form.name,
      value: medians[index]!,
      against: reference.name,
      reference: medians[forms.length + which]!,
    }))
  );
}

async function cost(scratch: string, polled: Polled): Promise<number> {
  using service = new PolledService(scratch, polled, freePort());
  await rest(1000);
  const pid = service.pollingProcess;
  const [asked, used] = [service.asked, processorTime(pid)];
  await rest(SECONDS * 1000);
  return (processorTime(pid) - used) / (service.asked - asked);
}

/** Measures the processor time of a poll. */
export const costOfPolling: Row = {
  name: "processor time of a poll of a port",
  unit: "µs",
  measure: (contestants) => compareAll(contestants, 3, cost),
};

async function delay(scratch: string, polled: Polled): Promise<number> {
  const port = freePort();
  using service = new PolledService(scratch, polled, port);
  // By then the poller has started, and the moment between two polls differs each time.
  await rest(400 + random.next() * WAITING);
  const listener = Deno.listen({ hostname: "127.0.0.1", port });
  const began = performance.now();
  service.until("U");
  const passed = performance.now() - began;
  listener.close();
  return passed;
}

/** Measures how long it takes from a port's first answer until the service is ready. */
export const portToEvent: Row = {
  name: `port answers → \`U\` readable, polled every ${WAITING} ms`,
  unit: "ms",
  measure: (contestants) => compareAll(contestants, 15, delay),
};

/** The rows of polling. */
export const pollingRows: readonly Row[] = [costOfPolling, portToEvent];
