/**
 * Packs a program and the runtime that runs it into one executable:
 * `pack.ts PROGRAM RUNTIME COMPRESSED-RUNTIME TARGET`. The program is a directory of bundles with the
 * `names` of those that are for single commands (see entries.ts).
 *
 * The executable is a shell script (stub.sh, with unpack.sh inside) followed by the program and by the
 * runtime, compressed with gzip because every system can undo that.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { holdsSignalsProgram, interpreterOf, makesCodeProgram } from "./elf.ts";
import { launcherFor } from "./launcher/launcher.ts";
import type { Bundle } from "./launcher/layout.ts";
import { bundleOf, FLAGS } from "./runtime_start.ts";

async function identity(content: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", content);
  return [...new Uint8Array(digest, 0, 10)]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/@([A-Z_]+)@/g, (whole, name) => String(values[name] ?? whole));
}

function withoutComments(script: string): string {
  return script.replace(/^ *#.*\n/gm, "").trimEnd();
}

/** A file beside the runtime. */
interface Packed {
  readonly name: string;
  readonly content: Uint8Array<ArrayBuffer>;
}

/** The bundles of a program. */
interface Program {
  readonly files: Packed[];
  /** The cases by which the script finds one by a name. */
  readonly cases: string;
  readonly bundles: Bundle[];
}

/** Reads the bundles of a program. */
async function readProgram(directory: string): Promise<Program> {
  const lines = (await Deno.readTextFile(`${directory}/names`)).trim().split("\n")
    .map((line) => line.split(" ") as [string, ...string[]]);
  const names = [...lines.map(([bundle]) => bundle), "sv"].map((name) => `${name}.mjs`);
  return {
    files: await Promise.all(
      names.map(async (name) => ({ name, content: await Deno.readFile(`${directory}/${name}`) })),
    ),
    cases: lines.map(([bundle, ...names]) => `${names.join(" | ")}) _sv_bundle=${bundle} ;;\n`)
      .join(""),
    bundles: [...lines.map(([bundle, ...names]) => bundleOf(bundle, names)), bundleOf("sv", [])],
  };
}

function join(parts: readonly Uint8Array<ArrayBuffer>[]): Promise<Uint8Array<ArrayBuffer>> {
  return new Blob([...parts]).bytes();
}

const [programPath, runtimePath, compressedPath, target] = parseArgs(Deno.args, { string: ["_"] })
  ._.map(String);
if (!programPath || !runtimePath || !compressedPath || !target) {
  console.error("usage: pack.ts PROGRAM RUNTIME COMPRESSED-RUNTIME TARGET");
  Deno.exit(100);
}

const { files: bundleFiles, cases, bundles } = await readProgram(programPath);
const runtime = await Deno.readFile(runtimePath);
const compressed = await Deno.readFile(compressedPath);
const unpack = await Deno.readTextFile(new URL("unpack.sh", import.meta.url));
const stub = await Deno.readTextFile(new URL("stub.sh", import.meta.url));
const runtimeName = await identity(runtime);

/** Returns the launcher that finds the program under a name: see `sv unpack`. */
const launcher = (program: string) =>
  launcherFor(Deno.build.arch, {
    runtime: `${runtimeName}/sv`,
    flags: FLAGS,
    program,
    bundles,
  });

/** Makes files that are only there for machines whose code is known. */
function machineFiles(program: string): Packed[] {
  return Object.entries({
    "makes-code": makesCodeProgram(Deno.build.arch),
    "hold-signals": holdsSignalsProgram(Deno.build.arch),
    "launcher": launcher(program),
  }).flatMap(([name, content]) => content === undefined ? [] : [{ name, content }]);
}

const listOf = (files: readonly Packed[]) =>
  files.map(({ name, content }) => `${name} ${content.length}`).join("\n");
/** The name of the program can't depend on itself. */
const nameless = [...bundleFiles, ...machineFiles("")];
const programName = await identity(
  await join([
    new TextEncoder().encode(listOf(nameless) + unpack),
    ...nameless.map(({ content }) => content),
  ]),
);
const files = [...bundleFiles, ...machineFiles(programName)];
const program = await join(files.map(({ content }) => content));
/** What is unpacked, what the runtime keeps beside it, and some room. */
const space = runtime.length + program.length + 4e6;
const template = fill(fill(stub, { UNPACK: withoutComments(unpack) }), {
  FLAGS: FLAGS.join(" "),
  RUNTIME: runtimeName,
  PROGRAM: programName,
  RUNTIME_SIZE: runtime.length,
  RUNTIME_LENGTH: compressed.length,
  FILES: listOf(files),
  CASES: cases,
  INTERPRETER: interpreterOf(runtime),
  SPACE: Math.ceil(space / 1e6),
  SPACE_KB: Math.ceil(space / 1024),
});

/**
 * Fills in the offsets of what follows the script. They count from its beginning, so they depend on
 * its length, which depends on their digits: tries again with the length that came out.
 */
function scriptOf(length: number): string {
  // `tail` counts from one.
  const script = fill(template, {
    PROGRAM_START: length + 1,
    RUNTIME_START: length + program.length + 1,
  });
  const actual = new TextEncoder().encode(script).length;
  return actual === length ? script : scriptOf(actual);
}

using file = await Deno.open(target, { write: true, create: true, truncate: true, mode: 0o755 });
const writer = file.writable.getWriter();
await writer.write(new TextEncoder().encode(scriptOf(template.length)));
await writer.write(program);
await writer.write(compressed);
