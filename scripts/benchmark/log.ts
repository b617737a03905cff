import { join } from "@std/path";
import type { Contestants } from "./contestants.ts";
import { compare, duration, rest } from "./measure.ts";
import { memoryOf } from "./memory.ts";
import type { Result, Row } from "./row.ts";

/** A service that floods: at so many lines the start of a logger counts for little. */
const LINES = 1_000_000;
const LINE_BYTES = 100;
const DIRECTIVES = "t n2 s10000000 ./log";

/** Returns the commands of the loggers. */
function loggers({ forms, s6 }: Contestants) {
  return {
    forms: forms.map(({ name, sv }) => ({ name, command: [...sv, "log"] })),
    references: s6.map(({ name, bin }) => ({ name, command: [join(bin, "s6-log")] })),
  };
}

/** Measures how long a logger takes for many lines that come as fast as it reads them. */
const throughput: Row = {
  name: "log: a million lines of 100 bytes through a pipe, stamped",
  unit: "ms",
  budget: 1,
  measure: async (contestants) => {
    const directory = join(contestants.scratch, "log");
    Deno.mkdirSync(directory);
    const line = "x".repeat(LINE_BYTES - 1) + "\n";
    Deno.writeTextFileSync(join(directory, "lines"), line.repeat(LINES));
    const time = ({ name, command }: { readonly name: string; readonly command: string[] }) => ({
      name,
      run: () => {
        const script = `cat lines | "$@" ${DIRECTIVES}`;
        const taken = duration(["/bin/sh", "-c", script, "sh", ...command], { directory });
        Deno.removeSync(join(directory, "log"), { recursive: true });
        return taken;
      },
    });
    const { forms, references } = loggers(contestants);
    return await compare(5, forms.map(time), references.map(time));
  },
};

/** Measures the memory of a logger: the runtime's, above all. */
const memory: Row = {
  name: "log: memory of a logger that has nothing to do (PSS)",
  unit: "MiB",
  measure: async (contestants) => {
    const { forms, references } = loggers(contestants);
    const place = join(contestants.scratch, "idle-log");
    Deno.mkdirSync(place);
    const all = [...forms, ...references].map(({ command }, index) =>
      new Deno.Command(command[0]!, {
        args: [...command.slice(1), `./log${index}`],
        cwd: place,
        stdin: "piped",
      }).spawn()
    );
    try {
      await rest(2000);
      const numbers = all.map(({ pid }) => memoryOf(pid));
      return forms.flatMap(({ name }, index) =>
        references.map((reference, which): Result => ({
          sv: name,
          value: numbers[index]!,
          against: reference.name,
          reference: numbers[forms.length + which]!,
        }))
      );
    } finally {
      for (const child of all) {
        await child.stdin.close();
        await child.status;
      }
    }
  },
};

/** The rows about logging. */
export const logRows: readonly Row[] = [throughput, memory];
