import { freePort } from "../../tests/support/free_port.ts";
import { Random } from "../../tests/support/random.ts";
import type { Contestants } from "./contestants.ts";
import { median, rest } from "./measure.ts";
import { type Polled, PolledService, polledServices, WAITING } from "./polled.ts";
import type { Result, Row } from "./row.ts";

const SECONDS = 3;
const MICROSECONDS_A_TICK = 10_000;

const random = new Random(1);

/** Processor time in microseconds: a process's own, and that of its children that have ended. */
function processorTime(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const [user, system] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(13, 15);
  let own = 0;
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    own += Number(Deno.readTextFileSync(`/proc/${pid}/task/${name}/schedstat`).split(" ")[0]);
  }
  return own / 1000 + (Number(user) + Number(system)) * MICROSECONDS_A_TICK;
}

/** Measures all in turns, and compares each form with each reference. */
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

/** What it costs to ask a port once. */
export const costOfPolling: Row = {
  name: "processor time of a poll of a port",
  unit: "µs",
  measure: (contestants) => compareAll(contestants, 3, cost),
};

async function delay(scratch: string, polled: Polled): Promise<number> {
  const port = freePort();
  using service = new PolledService(scratch, polled, port);
  // What polls has started by then; and it is another moment between two polls each time.
  await rest(400 + random.next() * WAITING);
  const listener = Deno.listen({ hostname: "127.0.0.1", port });
  const began = performance.now();
  service.until("U");
  const passed = performance.now() - began;
  listener.close();
  return passed;
}

/** How long it takes until it is known that a port answers. */
export const portToEvent: Row = {
  name: `port answers → \`U\` readable, polled every ${WAITING} ms`,
  unit: "ms",
  measure: (contestants) => compareAll(contestants, 15, delay),
};

/** What polling costs, and how soon it finds out. */
export const pollingRows: readonly Row[] = [costOfPolling, portToEvent];
