import { close } from "../../lib/os/file.ts";
import { compare, rest } from "./measure.ts";
import type { Row } from "./row.ts";
import { type Supervised, withSupervisors } from "./supervised.ts";

async function latency(service: Supervised): Promise<number> {
  await service.renew();
  const notification = service.openNotification();
  await rest(2);
  const before = service.becomeReady(notification);
  service.until("U");
  const after = performance.now();
  close(notification);
  return (after - before) * 1000;
}

/** Measures how long it takes until a listener can read the event. */
export const newlineToEvent: Row = {
  name: "newline written → `U` readable in the fifodir",
  unit: "µs",
  budget: 1.5,
  measure: (contestants) =>
    withSupervisors(contestants, (forms, references) => {
      const contestant = ({ name, service }: { name: string; service: Supervised }) => ({
        name,
        run: () => latency(service),
      });
      return compare(200, forms.map(contestant), references.map(contestant));
    }),
};
