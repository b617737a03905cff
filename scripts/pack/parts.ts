/**
 * What the packed and the unpacked form consist of, for the machine that the runtime is for.
 *
 * @module
 */

import { REST } from "./bundles.ts";
import {
  holdsSignalsProgram,
  interpreterOf,
  type Machine,
  machineOf,
  makesCodeProgram,
} from "./elf.ts";
import { launcherFor } from "./launcher/launcher.ts";
import type { Bundle } from "./launcher/layout.ts";
import { bundleOf, FLAGS } from "./runtime_start.ts";

/** A file beside the runtime. */
export interface Packed {
  readonly name: string;
  readonly content: Uint8Array<ArrayBuffer>;
}

/** All parts of `sv`. */
export interface Parts {
  /** The machine that it is for, by the name that Deno has for it. */
  readonly machine: Machine;
  readonly runtime: Uint8Array<ArrayBuffer>;
  /** The dynamic linker that the runtime asks for. */
  readonly interpreter: string;
  /** The name of the directory of the runtime: it changes with its content. */
  readonly runtimeName: string;
  /** The name of the directory of all files beside it: it changes with theirs. */
  readonly programName: string;
  readonly files: readonly Packed[];
  /** The cases by which a shell script finds the bundle of a command by a name. */
  readonly cases: string;
}

/** The launcher, among the files. */
export const LAUNCHER = "launcher";

async function identity(content: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", content);
  return [...new Uint8Array(digest, 0, 10)]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Joins bytes. */
export function join(parts: readonly Uint8Array<ArrayBuffer>[]): Promise<Uint8Array<ArrayBuffer>> {
  return new Blob([...parts]).bytes();
}

/** Returns the names and lengths of files, one on a line. */
export function listOf(files: readonly Packed[]): string {
  return files.map(({ name, content }) => `${name} ${content.length}`).join("\n");
}

/** The bundles of a program. */
interface Program {
  readonly files: readonly Packed[];
  readonly cases: string;
  readonly bundles: readonly Bundle[];
}

/** Reads the bundles of a program. */
async function readProgram(directory: string): Promise<Program> {
  const lines = (await Deno.readTextFile(`${directory}/names`)).trim().split("\n")
    .map((line) => line.split(" ") as [string, ...string[]]);
  // What has no names is a part, which bundles load.
  const chosen = lines.filter(([, ...names]) => names.length > 0);
  const names = [...lines.map(([bundle]) => bundle), REST.name]
    .flatMap((name) => [`${name}.mjs`, `${name}.code`]);
  return {
    files: await Promise.all(
      names.map(async (name) => ({ name, content: await Deno.readFile(`${directory}/${name}`) })),
    ),
    cases: chosen.map(([bundle, ...names]) => `${names.join(" | ")}) _sv_bundle=${bundle} ;;\n`)
      .join(""),
    bundles: [
      ...chosen.map(([bundle, ...names]) => bundleOf(bundle, names)),
      bundleOf(REST.name, []),
    ],
  };
}

/**
 * Reads what `sv` consists of.
 *
 * @param programPath A directory of bundles, with the `names` of those that are for single commands: see
 *   entries.ts.
 * @param runtimePath The runtime, an executable.
 * @param target The machine that it is to be for.
 * @param salt What else the name of the program depends on.
 */
export async function readParts(
  programPath: string,
  runtimePath: string,
  target: string,
  salt: string,
): Promise<Parts> {
  const { files: bundleFiles, cases, bundles } = await readProgram(programPath);
  const runtime = await Deno.readFile(runtimePath);
  const machine = machineOf(runtime);
  if (machine !== target) {
    throw new Error(`Cannot pack ${runtimePath}: it is for ${machine}, not for ${target}`);
  }
  const interpreter = interpreterOf(runtime);
  if (interpreter.includes("musl")) {
    throw new Error(`Cannot pack ${runtimePath}: it is made for musl, and sv calls glibc`);
  }
  const runtimeName = await identity(runtime);

  /** Makes the files that depend on the machine; the launcher finds the program under its name. */
  const machineFiles = (program: string): Packed[] => [
    { name: "makes-code", content: makesCodeProgram(machine) },
    { name: "hold-signals", content: holdsSignalsProgram(machine) },
    {
      name: LAUNCHER,
      content: launcherFor(machine, {
        runtime: `${runtimeName}/sv`,
        interpreter,
        flags: FLAGS,
        program,
        bundles,
      }),
    },
  ];

  // The name of the program can't depend on itself.
  const nameless = [...bundleFiles, ...machineFiles("")];
  const programName = await identity(
    await join([
      new TextEncoder().encode(listOf(nameless) + salt),
      ...nameless.map(({ content }) => content),
    ]),
  );
  const files = [...bundleFiles, ...machineFiles(programName)];
  return { machine, runtime, interpreter, runtimeName, programName, files, cases };
}
