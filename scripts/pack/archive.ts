/**
 * Writes the unpacked form, which `sv unpack` makes where it runs, as an archive:
 * `archive.ts MACHINE PROGRAM RUNTIME COMPRESSED-RUNTIME OUTPUT`. The archive has one directory, `sv`, and is made
 * on any machine for any other.
 *
 * A file of gzip may consist of several, one behind the other, so the compressed runtime is used as it is.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { LAUNCHER, readParts } from "./parts.ts";
import { BLOCK, header } from "./tar.ts";

const [machine, programPath, runtimePath, compressedPath, output] = parseArgs(Deno.args, {
  string: ["_"],
})._.map(String);
if (!machine || !programPath || !runtimePath || !compressedPath || !output) {
  console.error("usage: archive.ts MACHINE PROGRAM RUNTIME COMPRESSED-RUNTIME OUTPUT");
  Deno.exit(100);
}

const unpack = await Deno.readTextFile(new URL("unpack.sh", import.meta.url));
const { files, runtime, runtimeName, programName } = await readParts(
  programPath,
  runtimePath,
  machine,
  unpack,
);

/** Compresses bytes into a whole file of gzip. */
function compress(parts: readonly Uint8Array<ArrayBuffer>[]): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([...parts]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Response(stream).bytes();
}

const padding = (length: number) => new Uint8Array((BLOCK - length % BLOCK) % BLOCK);
const directory = (name: string) => header({ name, mode: 0o755, directory: true });

/** Returns the blocks of a file. */
function file(name: string, content: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const mode = /\.(mjs|code)$/.test(name) ? 0o644 : 0o755;
  return [header({ name, mode, length: content.length }), content, padding(content.length)];
}

const before = [
  directory("sv/"),
  directory(`sv/${runtimeName}/`),
  header({ name: `sv/${runtimeName}/sv`, mode: 0o755, length: runtime.length }),
];
const launcher = files.find(({ name }) => name === LAUNCHER)!.content;
const after = [
  padding(runtime.length),
  directory(`sv/${programName}/`),
  ...files.flatMap(({ name, content }) => file(`sv/${programName}/${name}`, content)),
  // The launcher comes last: by then all that it needs is there.
  ...file("sv/sv", launcher),
  new Uint8Array(2 * BLOCK),
];

using opened = await Deno.open(output, { write: true, create: true, truncate: true });
const writer = opened.writable.getWriter();
await writer.write(await compress(before));
await writer.write(await Deno.readFile(compressedPath));
await writer.write(await compress(after));
