/**
 * Undoing what a launcher of this program did to the environment.
 *
 * The packed executable and `scripts/deno` are shell scripts that start this program by the `deno`
 * command; where `sv unpack` has laid it out, a small program does so. That changes the environment: the scripts set variables for `deno`, a shell sets `PWD` and
 * drops names that it can't use, and `deno` puts a `node` of its own into `PATH` (denoland/deno#34969).
 * And many variables would rule `deno`, so the packed executable starts it without any of the caller's. A
 * service must see the environment that a plain executable would have had. So the scripts pass the
 * original along:
 *
 * | variable | meaning |
 * |---|---|
 * | `_SV_PID` | the process that these notes are for |
 * | `_SV_ARGV0` | the name under which the program was called |
 * | `_SV_EXECUTABLE` | the launcher, where that can't be told by the name |
 * | `_SV_START` | a file with a line with the soft limit on open files, which `deno` raises; then the environment, as the kernel has it; then a full stop. Absent for commands that start nothing |
 * | `_SV_DIRECTORY` | the descriptor of the directory that the program was loaded from; closed where it loads no more |
 * | `_SV_JITLESS` | present where the runtime was started without its compiler; an upgrade passes it on |
 * | `_SV_CWD` | the descriptor of the working directory, where that was removed and `deno` can't start in it |
 *
 * The packed executable, started as `sv scan --resume`, takes `_SV_START` as it finds it, and starts no
 * process: a shell that waits for one takes the deaths of all the scan's children.
 *
 * Remove when `deno compile` makes the executable wherever it is built, and the sources are no
 * longer a way to run the program.
 *
 * @module
 */

import { setInherited } from "../descriptor.ts";
import { replaceEnvironment } from "../environment.ts";
import { libc } from "../libc.ts";
import { decodeOs } from "../os_string.ts";
import { parseStartNotes } from "./start_notes.ts";

/** How this program was started, as its launcher noted it. */
export interface Launch {
  /** The name under which the program was called; undefined where the kernel still knows. */
  readonly argv0: string | undefined;
  /** The packed executable, or the launcher of what it has laid out; undefined for other forms. */
  readonly executable: string | undefined;
  /** The soft limit on open files at the start; undefined when nothing has changed it. */
  readonly softNofile: number | undefined;
}

const NOTHING: Launch = { argv0: undefined, executable: undefined, softNofile: undefined };
let launch: Launch | undefined;
let startNotes: Uint8Array | undefined;
let jitless: string | undefined;

/** Whether the program loads more of itself later. */
let loadsMore = false;

/** Keeps what this program was loaded from open, for a part of it that is loaded later. To be called first. */
export function keepProgram(): void {
  loadsMore = true;
}

/** The notes beside `_SV_PID`. */
const NOTES = [
  "_SV_ARGV0",
  "_SV_START",
  "_SV_DIRECTORY",
  "_SV_CWD",
  "_SV_JITLESS",
  "_SV_EXECUTABLE",
] as const;

/** What the packed executable sets for `deno`. */
const FOR_DENO = [
  "DENO_DIR",
  "DENO_LOG",
  "DENO_NO_UPDATE_CHECK",
  "DENO_NO_PACKAGE_JSON",
  "DENO_DISABLE_NODE_SHIM",
];

/**
 * Undoes what the launcher did to the environment, the first time it is called.
 *
 * @returns The launcher's notes; the same each time.
 */
export function restoreLaunchEnvironment(): Launch {
  if (launch === undefined) {
    const pid = noted("_SV_PID");
    launch = pid === undefined ? NOTHING : restore(pid);
    // Where the launcher has noted the environment, the caller's is in force.
    if (startNotes === undefined) removeNodeShim();
  }
  return launch;
}

/** Returns a variable of the launcher's. */
function noted(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch {
    // Deno can't give a value that is not UTF-8: a path may be none.
    return initialEnvironment().get(name);
  }
}

/** Returns the environment of this program's start. */
function initialEnvironment(): Map<string, string> {
  try {
    // Read as bytes: Deno can't give a value that is not UTF-8.
    return entries(decodeOs(Deno.readFileSync("/proc/self/environ")), "\0");
  } catch {
    // For process 1 /proc may be mounted only later.
    return new Map(Object.entries(Deno.env.toObject()));
  }
}

/** Takes the directory out of PATH that the `deno` command puts there where it finds no `node`. */
function removeNodeShim(): void {
  if (Deno.env.get("DENO_NODE_SHIM_ACTIVE") === undefined) return;
  const path = Deno.env.get("PATH");
  Deno.env.delete("DENO_NODE_SHIM_ACTIVE");
  const original = initialEnvironment().get("PATH");
  if (original === undefined) Deno.env.delete("PATH");
  else if (path !== original && original.isWellFormed()) Deno.env.set("PATH", original);
}

function removeNotes(): void {
  for (const name of ["_SV_PID", ...NOTES]) Deno.env.delete(name);
}

function restore(pid: string): Launch {
  // Exec keeps the process id. Notes for another process were inherited from a `scripts/deno` that has
  // started this program.
  if (pid !== String(Deno.pid)) {
    removeNotes();
    return NOTHING;
  }
  const argv0 = noted("_SV_ARGV0");
  const start = noted("_SV_START");
  const directory = noted("_SV_DIRECTORY");
  const cwd = noted("_SV_CWD");
  const withoutCompiler = noted("_SV_JITLESS");
  const launcher = noted("_SV_EXECUTABLE");

  if (cwd !== undefined) goBack(cwd);
  // Made absolute now, before anything changes the working directory.
  const name = launcher ?? argv0;
  const executable = name === undefined || name.startsWith("/") ? name : absolute(name);
  const notes = start === undefined ? undefined : take(start);
  if (directory !== undefined) {
    if (loadsMore) setInherited(Number(directory), false);
    else libc.close(Number(directory));
  }
  if (notes === undefined) {
    removeNotes();
    for (const name of FOR_DENO) if (argv0 !== undefined) Deno.env.delete(name);
    return { argv0, executable, softNofile: undefined };
  }
  const parsed = parseStartNotes(notes);
  if (parsed === undefined) {
    throw new Error(`Cannot read the environment from ${start}: it is not complete`);
  }
  replaceEnvironment(parsed.environment, "_SV_");
  startNotes = notes;
  jitless = withoutCompiler;
  return { argv0, executable, softNofile: parsed.softNofile };
}

function absolute(path: string): string {
  try {
    return `${Deno.cwd()}/${path}`;
  } catch {
    // In a directory that was removed no relative path leads anywhere.
    return path;
  }
}

/** Makes the removed directory that a descriptor stands for the working directory again. */
function goBack(descriptor: string): void {
  Deno.chdir(`/proc/self/fd/${descriptor}`);
  libc.close(Number(descriptor));
}

/** The directory of this process's descriptors. */
const DESCRIPTORS = "/proc/self/fd/";

/** Reads the file of the notes, and removes it. */
function take(path: string): Uint8Array {
  // Not a pattern: Deno would have to compile it.
  const descriptor = path.startsWith(DESCRIPTORS) ? path.slice(DESCRIPTORS.length) : "";
  if (descriptor !== "" && !descriptor.includes("/")) return takeDescriptor(Number(descriptor));
  const bytes = Deno.readFileSync(path);
  Deno.removeSync(path);
  // Elsewhere than in the directory of the program, it has a directory of its own.
  if (!path.startsWith(DESCRIPTORS)) removeIfEmpty(path.slice(0, path.lastIndexOf("/")));
  return bytes;
}

/** Reads a file in memory by its descriptor, also where /proc is not mounted, and closes it. */
function takeDescriptor(fd: number): Uint8Array {
  let bytes = new Uint8Array(16_384);
  let length = 0;
  for (;;) {
    // The launcher has left the position of the descriptor at the end.
    const rest = bytes.subarray(length);
    const count = libc.pread(fd, rest, rest.length, BigInt(length));
    if (count <= 0) break;
    length += count;
    if (length === bytes.length) {
      const larger = new Uint8Array(4 * length);
      larger.set(bytes);
      bytes = larger;
    }
  }
  libc.close(fd);
  return bytes.subarray(0, length);
}

function removeIfEmpty(directory: string): void {
  try {
    Deno.removeSync(directory);
  } catch {
    // It is the directory of the program.
  }
}

/** Returns the launcher's notes on the start, for a program that this one becomes. */
export function notesOnStart(): Uint8Array | undefined {
  return startNotes;
}

/** Whether the launcher started the runtime without its compiler: see `_SV_JITLESS` above. */
export function isJitless(): boolean {
  return jitless !== undefined;
}

function entries(text: string, end: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of text.split(end)) {
    const equals = entry.indexOf("=", 1);
    if (equals > 0) found.set(entry.slice(0, equals), entry.slice(equals + 1));
  }
  return found;
}
