/**
 * Writes the modules that the bundles begin with: `entries.ts DIRECTORY`.
 *
 * A bundle is parsed at each start, so the commands that are started most have bundles of their own.
 * All others share `sv`, which has everything.
 *
 * Writes an entry for each bundle; `select.mjs`, which imports the bundle that the command line asks
 * for; and `names`: on each line the bundle of a command and all names of that command.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { namesOf, type RegisteredCommand } from "../../lib/cli/registered_command.ts";
import { findCommand } from "../../lib/commands/registry.ts";

/** The commands that scripts or people call often, and those that daemons and services wait for or start by. */
const ALONE = [
  "stat",
  "wait",
  "control",
  "ok",
  "notifyoncheck",
  "supervise",
  "scan",
  "status",
  "start",
  "stop",
  "restart",
  "setuidgid",
  "envuidgid",
  "applyuidgid",
  "envdir",
  "softlimit",
  "setsid",
  "ready",
  "serve",
];

const library = new URL("../../lib/", import.meta.url);

/** Returns an entry that knows the commands of `list`, and exits with `otherwise` for none. */
function entry(imports: string, list: string, otherwise: string): string {
  return `${imports}
import { dispatch } from "${library}cli/dispatch.ts";
import { invocation } from "${library}cli/invocation.ts";
import { exitNow } from "${library}os/process.ts";
const { argv0, args } = invocation();
exitNow(await dispatch(argv0, args, ${list}) ?? ${otherwise});
`;
}

/** Returns the entry of a bundle that has a single command. */
async function alone(command: RegisteredCommand): Promise<string> {
  const [, module, name] = /import\("\.\/(.+?)"\)\)\.(\w+)/.exec(String(command.load)) ?? [];
  if (module === undefined) throw new Error(`Cannot tell which module '${command.name}' is in`);
  return entry(
    `import { ${name} as command } from "${library}commands/${module}";`,
    `[{
  ...${JSON.stringify(command)},
  load: () => Promise.resolve(command),
  examples: () => Promise.resolve(${JSON.stringify(await command.examples?.() ?? [])}),
}]`,
    // select.mjs and the packed script start this bundle for this command only.
    "100",
  );
}

/** The entry of the bundle that has everything. */
const everything = entry(
  `import { commands } from "${library}commands/registry.ts";
import { withoutCommand } from "${library}commands/without_command.ts";`,
  "commands",
  "await withoutCommand(argv0, args)",
);

/** Returns `select.mjs`: a link with the name of an s6 program is that program, the rest `sv NAME`. */
function selection(bundles: readonly (readonly [string, string])[]): string {
  return `const bundles = new Map(${JSON.stringify(bundles)});
const line = Deno.readFileSync("/proc/self/cmdline");
const argv0 = String.fromCharCode(...line.subarray(0, line.indexOf(0)));
const program = argv0.slice(argv0.lastIndexOf("/") + 1);
const name = program.startsWith("s6-") ? program : Deno.args[0];
await import("./" + (bundles.get(name) ?? "sv") + ".mjs");
`;
}

const [directory] = parseArgs(Deno.args, { string: ["_"] })._.map(String);
if (directory === undefined) {
  console.error("usage: entries.ts DIRECTORY");
  Deno.exit(100);
}

const write = (name: string, text: string) => Deno.writeTextFileSync(`${directory}/${name}`, text);
const own = ALONE.map((name) => findCommand(name)!);
write("sv.ts", everything);
for (const command of own) write(`${command.name}.ts`, await alone(command));
write("names", own.map((command) => `${command.name} ${namesOf(command).join(" ")}\n`).join(""));
write(
  "select.mjs",
  selection(
    own.flatMap((command) => namesOf(command).map((name) => [name, command.name] as const)),
  ),
);
