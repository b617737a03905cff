/**
 * Packs a program and the runtime that runs it into one executable:
 * `pack.ts MACHINE PROGRAM RUNTIME COMPRESSED-RUNTIME OUTPUT`.
 *
 * The executable is a shell script (stub.sh, with unpack.sh inside) followed by the program and by the
 * runtime, compressed with gzip because every system can undo that.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { join, listOf, readParts } from "./parts.ts";
import { FLAGS, patternOf, V8_FLAGS } from "./runtime_start.ts";

function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/@([A-Z_]+)@/g, (whole, name) => String(values[name] ?? whole));
}

function withoutComments(script: string): string {
  return script.replace(/^ *#.*\n/gm, "").trimEnd();
}

const [machine, programPath, runtimePath, compressedPath, output] = parseArgs(Deno.args, {
  string: ["_"],
})._.map(String);
if (!machine || !programPath || !runtimePath || !compressedPath || !output) {
  console.error("usage: pack.ts MACHINE PROGRAM RUNTIME COMPRESSED-RUNTIME OUTPUT");
  Deno.exit(100);
}

const unpack = await Deno.readTextFile(new URL("unpack.sh", import.meta.url));
const stub = await Deno.readTextFile(new URL("stub.sh", import.meta.url));
const compressed = await Deno.readFile(compressedPath);
const parts = await readParts(programPath, runtimePath, machine, unpack);
const program = await join(parts.files.map(({ content }) => content));
/** What is unpacked, what the runtime keeps beside it, and some room. */
const space = parts.runtime.length + program.length + 4e6;
const template = fill(fill(stub, { UNPACK: withoutComments(unpack) }), {
  FLAGS: FLAGS.join(" "),
  MACHINE: parts.machine,
  RUNTIME: parts.runtimeName,
  PROGRAM: parts.programName,
  RUNTIME_SIZE: parts.runtime.length,
  RUNTIME_LENGTH: compressed.length,
  FILES: listOf(parts.files),
  CASES: parts.cases,
  SHORT_FLAGS: V8_FLAGS.short,
  LEAN: patternOf(({ life }) => life === "scan" || life === "serve", ":"),
  LEAN_FLAGS: V8_FLAGS.lean,
  MANY: patternOf(({ life }) => life === "many", ":"),
  MANY_FLAGS: V8_FLAGS.many,
  STARTING_NOTHING: patternOf(({ startsNothing }) => startsNothing === true, ":*"),
  LONG: patternOf(({ life }) => life !== "short"),
  INTERPRETER: parts.interpreter,
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

using file = await Deno.open(output, { write: true, create: true, truncate: true, mode: 0o755 });
const writer = file.writable.getWriter();
await writer.write(new TextEncoder().encode(scriptOf(template.length)));
await writer.write(program);
await writer.write(compressed);
