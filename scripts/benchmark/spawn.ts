import { compare, rest } from "./measure.ts";
import type { Row } from "./row.ts";
import { type Supervised, withSupervisors } from "./supervised.ts";

async function latency(service: Supervised): Promise<number> {
  service.command("k");
  service.until("D");
  await rest(2);
  const before = performance.now();
  service.command("u");
  service.until("u");
  return (performance.now() - before) * 1000;
}

/** Measures how long it takes to start a service. */
export const spawn: Row = {
  name: "`-u` written → `u` readable in the fifodir",
  unit: "µs",
  measure: (contestants) =>
    withSupervisors(contestants, (forms, references) => {
      const contestant = ({ name, service }: { name: string; service: Supervised }) => ({
        name,
        run: () => latency(service),
      });
      return compare(200, forms.map(contestant), references.map(contestant));
    }),
};
