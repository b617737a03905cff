/**
 * Writes the modules that the bundles begin with: `entries.ts DIRECTORY`.
 *
 * Writes an entry for each bundle (see bundles.ts): into the directory `PART` where it loads that part when it needs
 * it, else into `whole`; `select.mjs`, which imports the bundle that the command line asks for; and `names`: on
 * each line a bundle, and the names by which it is chosen, none for a part.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import type { RegisteredCommand } from "../../lib/cli/registered_command.ts";
import {
  type BundlePlan,
  BUNDLES,
  commandsOf,
  namesOfBundle,
  type Part,
  PARTS,
  REST,
} from "./bundles.ts";

/** Where the bundles are that load no part. */
const WHOLE = "whole";

const library = new URL("../../lib/", import.meta.url);

/** Returns an entry that does what is `first`, knows the commands of `list`, and exits with `otherwise` for none. */
function entry(imports: string, list: string, otherwise: string, first: readonly string[]): string {
  return `${imports}
import { dispatch } from "${library}cli/dispatch.ts";
import { invocation } from "${library}cli/invocation.ts";
import { exitNow } from "${library}os/process.ts";
${first.join("\n")}
const { argv0, args } = invocation();
exitNow(await dispatch(argv0, args, ${list}) ?? ${otherwise});
`;
}

/** Returns a line of code that imports a command, and one that registers it. */
async function registered(
  command: RegisteredCommand,
  index: number,
): Promise<{ readonly imported: string; readonly listed: string }> {
  const [, module, name] = /import\("\.\/(.+?)"\)\)\.(\w+)/.exec(String(command.load)) ?? [];
  if (module === undefined) throw new Error(`Cannot tell which module '${command.name}' is in`);
  return {
    imported: `import { ${name} as command${index} } from "${library}commands/${module}";`,
    listed: `{
  ...${JSON.stringify(command)},
  load: () => Promise.resolve(command${index}),
  examples: () => Promise.resolve(${JSON.stringify(await command.examples?.() ?? [])}),
}`,
  };
}

/** Returns the entry of a bundle. What names none of them is for the other bundle. */
async function entryOf(plan: BundlePlan): Promise<string> {
  const all = await Promise.all(commandsOf(plan).map(registered));
  return entry(
    all.map(({ imported }) => imported).join("\n"),
    `[${all.map(({ listed }) => listed).join(", ")}]`,
    `await import(new URL("${REST.name}.mjs", import.meta.url).href)`,
    whatIsFirst(plan),
  );
}

/** Returns the code that comes before all else. */
function whatIsFirst({ part, life }: BundlePlan): readonly string[] {
  const called: string[] = [];
  const call = (name: string, module: string) =>
    called.push(`import { ${name} } from "${library}os/${module}";`, `${name}();`);
  if (part !== undefined) call("keepProgram", "runtime/launch.ts");
  // The options of all others keep V8 from having threads: see runtime_start.ts.
  if (life !== "long") call("trustErrno", "libc.ts");
  return called;
}

/** The entry of the bundle that has everything. */
const everything = entry(
  `import { commands } from "${library}commands/registry.ts";
import { withoutCommand } from "${library}commands/without_command.ts";`,
  "commands",
  "await withoutCommand(argv0, args)",
  [],
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
const parts = Object.keys(PARTS) as Part[];
for (const place of [WHOLE, ...parts]) Deno.mkdirSync(`${directory}/${place}`);
write(`${WHOLE}/${REST.name}.ts`, everything);
for (const part of parts) {
  write(`${WHOLE}/${part}.ts`, `export * from "${library}cli/${PARTS[part]}";\n`);
}
for (const plan of BUNDLES) {
  write(`${plan.part ?? WHOLE}/${plan.name}.ts`, await entryOf(plan));
}
write(
  "names",
  [...BUNDLES.map((plan) => [plan.name, ...namesOfBundle(plan)].join(" ")), ...parts]
    .map((line) => `${line}\n`).join(""),
);
write(
  "select.mjs",
  selection(
    BUNDLES.flatMap((plan) => namesOfBundle(plan).map((name) => [name, plan.name] as const)),
  ),
);
