import { join } from "@std/path";
import type { Contestants } from "./contestants.ts";
import { duration, median, rest } from "./measure.ts";
import { memoryOf } from "./memory.ts";
import type { Result, Row } from "./row.ts";
import { Scanned, scans } from "./scanned.ts";

const INSTANCES = 1000;
const MOST_MILLISECONDS = 2000;
const ROUNDS = 3;

/** Makes a scan directory with a template, and a scan of it. */
async function templated(contestants: Contestants, form: number): Promise<Scanned> {
  const { forms } = scans(contestants, INSTANCES);
  const scanned = await Scanned.start(contestants.scratch, 1, forms[form]!);
  const template = join(scanned.directory, "t@");
  Deno.mkdirSync(template);
  Deno.writeTextFileSync(join(template, "notification-fd"), "3\n");
  Deno.writeTextFileSync(join(template, "run"), "#!/bin/sh\necho >&3\nexec 3>&- sleep 100000\n", {
    mode: 0o755,
  });
  return scanned;
}

/** Makes all instances with one command, and returns the milliseconds until that has ended. */
function create(sv: readonly string[], directory: string): number {
  const names = Array.from({ length: INSTANCES }, (_, index) => `t@${index}`);
  return duration(["/usr/bin/env", `SVDIR=${directory}`, ...sv, "instance", "create", ...names]);
}

/** Measures how long one command takes to make and start many instances of a template. */
const creation: Row = {
  name: `\`sv instance create\` of ${INSTANCES} instances, until they run`,
  unit: "ms",
  budget: 1,
  measure: async (contestants) => {
    const results: Result[] = [];
    for (const [index, { name, sv }] of contestants.forms.entries()) {
      const times: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        using scanned = await templated(contestants, index);
        times.push(create(sv, scanned.directory));
      }
      results.push({
        sv: name,
        value: median(times),
        against: "budget",
        reference: MOST_MILLISECONDS,
      });
    }
    return results;
  },
};

/** Compares the memory of a scan of instances with that of a scan of services. */
const memory: Row = {
  name: `scan of ${INSTANCES} instances: memory (PSS)`,
  unit: "MiB",
  budget: 1.1,
  measure: async (contestants) => {
    const results: Result[] = [];
    for (const [index, form] of contestants.forms.entries()) {
      using scanned = await templated(contestants, index);
      create(form.sv, scanned.directory);
      await rest(2000);
      const { forms } = scans(contestants, INSTANCES);
      using plain = await Scanned.start(contestants.scratch, INSTANCES, forms[index]!);
      await rest(2000);
      results.push({
        sv: form.name,
        value: memoryOf(scanned.running.pid),
        against: "as many services",
        reference: memoryOf(plain.running.pid),
      });
    }
    return results;
  },
};

/** The rows of instances. */
export const instanceRows: readonly Row[] = [creation, memory];
