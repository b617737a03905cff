import { join } from "@std/path";
import { pipe } from "../../lib/os/descriptor.ts";
import { close } from "../../lib/os/file.ts";
import type { Contestants } from "./contestants.ts";
import { compare, duration, rest } from "./measure.ts";
import type { Result, Row } from "./row.ts";
import { Supervised } from "./supervised.ts";

/** Runs a command in a service directory, with a notification pipe, until it exits. */
async function inService(service: Supervised, argv: readonly string[]): Promise<number> {
  const { read, write } = pipe();
  const milliseconds = duration(argv, {
    directory: service.dir,
    descriptors: [{ source: write, target: 3 }],
  });
  close(read);
  close(write);
  await rest(20);
  return milliseconds;
}

/**
 * Compares each form of a command with the empty program of that form, and with s6.
 *
 * @param contestants The programs.
 * @param counterpart The program of s6 that does the same.
 * @param command The command, without `sv`.
 * @param becomes The program that it becomes, where that runs to its end and is none of the command's cost. The
 *   budget is then for the empty program and that program, one after the other; each is shown alone, too.
 */
async function coldStarts(
  { forms, s6, scratch }: Contestants,
  counterpart: string,
  command: readonly string[],
  becomes?: string,
): Promise<Result[]> {
  using service = new Supervised(scratch, [join(s6[0]!.bin, "s6-supervise")]);
  const [name, ...args] = command as [string, ...string[]];
  const results: Result[] = [];
  for (const form of forms) {
    // The same arguments, since the packed form chooses its bundle by them.
    const empty = () => inService(service, [...form.empty, name, ...args]);
    const afterwards = becomes === undefined ? [] : [
      {
        name: `empty program, then ${becomes}`,
        run: async () => await empty() + await inService(service, [becomes]),
      },
      { name: becomes, run: () => inService(service, [becomes]) },
    ];
    results.push(
      ...await compare(
        60,
        [{ name: form.name, run: () => inService(service, [...form.sv, name, ...args]) }],
        [
          ...afterwards,
          { name: "empty program", run: empty },
          ...s6.map(({ name, bin }) => ({
            name,
            run: () => inService(service, [join(bin, counterpart), ...args]),
          })),
        ],
      ),
    );
  }
  return results;
}

/** Measures how long `sv stat` takes. */
export const stat: Row = {
  name: "`sv stat`, cold",
  unit: "ms",
  budget: 1.2,
  measure: (contestants) => coldStarts(contestants, "s6-svstat", ["stat", "."]),
};

/** Measures how long `sv notifyoncheck` takes to become the daemon. */
export const notifyoncheck: Row = {
  name: "`sv notifyoncheck` until exec, cold",
  unit: "ms",
  budget: 1.3,
  measure: (contestants) =>
    coldStarts(contestants, "s6-notifyoncheck", [
      "notifyoncheck",
      "-c",
      "true",
      "/bin/true",
    ]),
};

/**
 * Measures how long `sv setuidgid`, a chain-loader with the work of most, takes until it becomes a program. That
 * program ends at once, and is measured with it: so the reference is an empty program, then that program.
 */
export const chain: Row = {
  name: "chain: `sv setuidgid` until exec, cold",
  unit: "ms",
  budget: 1.2,
  measure: (contestants) =>
    coldStarts(contestants, "s6-setuidgid", ["setuidgid", "nobody", "/bin/true"], "/bin/true"),
};
