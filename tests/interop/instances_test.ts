/**
 * The programs of s6 for instances beside their counterparts: the same steps are done by s6's, by `sv`
 * under their names, and by both in turn, under either scan. All see the same, and each goes on with what
 * the other has made.
 */
import { assertEquals } from "@std/assert";
import { DEADLINE } from "../support/deadline.ts";
import { writeFiles } from "../support/files.ts";
import { missingPrograms, needing } from "../support/needs.ts";
import { sv } from "../support/program.ts";
import { run } from "../support/run.ts";
import { Scan, scans } from "../support/scan.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { until } from "../support/until.ts";

/** A step: a program of s6 for instances with its arguments, or something to look at. */
type Step = string | { readonly look: string };

/** What is in the directory of the instanced service, with modes. */
const TREE = { look: "find d -path '*/.s6-svscan' -prune -o -printf '%p %y %m %l\\n' | sort" };
const NAMES = { look: "ls -a d/instance d/instances | grep -v svscan" };

const BEFORE: readonly Step[] = [
  "maker t d",
  { look: "find d h -printf '%p %y %m\\n' | sort" },
  "maker t d",
  "maker t",
  "maker -L relative t e",
  "maker -t 4 -L /x t e",
  "maker -r s/l t e",
  "maker -r s/l/p -L /logs t h",
  { look: "find h -printf '%p %y %m\\n' | sort; cat h/*/type h/s/producer-for h/l/*-*" },
  "list d",
  "create d one",
  "list nowhere",
];

const WITH_SCAN: readonly Step[] = [
  "create d one",
  { look: "stat -c '%a' d/instance/one/event; readlink d/instance/one" },
  "create d one",
  "create d .x",
  "create -t x d y",
  "create -P d public",
  { look: "stat -c '%a' d/instance/public/event" },
  "create -d d low",
  "status -o up,wantedup,normallyup d low",
  "create -D d stay",
  "status -o up,wantedup,normallyup d stay",
  `create -t ${DEADLINE} d timed`,
  "list d",
  "status -uw d one",
  "status d nothing",
  `control -wD -d -T ${DEADLINE} d one`,
  "status -o up,wantedup d one",
  "control -u d nothing",
  `control -wu -u -T ${DEADLINE} d one`,
  "delete d one",
  NAMES,
  { look: "cat d/ended" },
  "delete d nothing",
  "create d one",
  `delete -t ${DEADLINE} d stay`,
  "delete d low",
  "delete d public",
  "delete d timed",
  "list d",
  "delete d one",
  NAMES,
];

const AFTER: readonly Step[] = ["list d", "create d two", "delete d two", "status d two", TREE];

/** Which programs do the steps. */
const CLIENTS = {
  "s6": () => [],
  "sv": () => sv,
  "s6 and sv in turn": (step: number) => step % 2 === 0 ? [] : sv,
  "sv and s6 in turn": (step: number) => step % 2 === 0 ? sv : [],
} as const;

/** Returns what the steps have printed, and how they have ended. */
async function transcript(
  scan: "s6" | "sv",
  client: (step: number) => readonly string[],
): Promise<string[]> {
  await using directory = await temporaryDirectory();
  const cwd = directory.path;
  await writeFiles(`${cwd}/t`, {
    run: '#!/bin/sh\necho "$@" >started\nexec sleep 100000\n',
    finish: '#!/bin/sh\necho "$3" >>../../ended\n',
  });
  const lines: string[] = [];
  let index = 0;
  const walk = async (steps: readonly Step[]) => {
    for (const step of steps) {
      if (typeof step !== "string") {
        const { stdout } = await run(["sh", "-c", step.look], { cwd });
        lines.push(`${step.look}:`, ...stdout.trimEnd().split("\n"));
        continue;
      }
      const [name, ...args] = step.split(" ");
      const command = [...client(index++), `s6-instance-${name}`, ...args];
      const { code, stdout } = await run(command, { cwd });
      lines.push(`${step}: ${code}`, ...stdout.trimEnd().split("\n").sort());
    }
  };
  await walk(BEFORE);
  {
    await using running = await Scan.start(`${cwd}/d/instance`, { command: scans[scan] });
    await walk(WITH_SCAN.slice(0, 1));
    const started = () => Deno.readTextFileSync(`${cwd}/d/instance/one/started`) === "one\n";
    await until(() => {
      try {
        return started();
      } catch {
        return false;
      }
    }, "the instance to get its name");
    await walk(WITH_SCAN.slice(1));
    running.signal("SIGTERM");
    await running.exited();
  }
  await walk(AFTER);
  return lines;
}

let expected: Promise<string[]> | undefined;

for (const scan of ["s6", "sv"] as const) {
  for (const [who, client] of Object.entries(CLIENTS)) {
    if (scan === "s6" && who === "s6") continue;
    Deno.test({
      ...needing(
        [missingPrograms("s6-instance-maker", "s6-svscan")],
        `instances under the scan of ${scan}, handled by ${who}, are as s6 has them`,
      ),
      fn: async () => {
        expected ??= transcript("s6", CLIENTS.s6);
        assertEquals(await transcript(scan, client), await expected);
      },
    });
  }
}
