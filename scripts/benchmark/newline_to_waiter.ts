import { join } from "@std/path";
import { close } from "../../lib/os/file.ts";
import { awaitExit, compare, rest, start } from "./measure.ts";
import type { Row } from "./row.ts";
import { type Supervised, withSupervisors } from "./supervised.ts";

/** Returns how many listeners a service has. */
function listeners(service: Supervised): number {
  return [...Deno.readDirSync(`${service.dir}/event`)].filter(({ name }) =>
    name.startsWith("ftrig1:")
  ).length;
}

async function latency(service: Supervised, wait: readonly string[]): Promise<number> {
  await service.renew();
  const notification = service.openNotification();
  const before = listeners(service);
  const waiter = start([...wait, "-U", service.dir]);
  while (listeners(service) === before) await rest(1);
  await rest(20);
  const written = service.becomeReady(notification);
  awaitExit(waiter);
  const after = performance.now();
  close(notification);
  service.until("U");
  return (after - written) * 1000;
}

/** Measures how long it takes until `sv wait` has exited. */
export const newlineToWaiter: Row = {
  name: "newline written → `sv wait -U` has exited",
  unit: "µs",
  budget: 2.5,
  measure: (contestants) =>
    withSupervisors(contestants, (forms, references) => {
      const contestant = (
        wait: readonly string[],
        { name, service }: { name: string; service: Supervised },
      ) => ({ name, run: () => latency(service, wait) });
      return compare(
        60,
        forms.map((form, index) => contestant([...contestants.forms[index]!.sv, "wait"], form)),
        references.map((reference, index) =>
          contestant([join(contestants.s6[index]!.bin, "s6-svwait")], reference)
        ),
      );
    }),
};
