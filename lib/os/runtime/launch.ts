/**
 * Undoing what a launcher of this program did to the environment.
 *
 * The packed executable and `scripts/deno` are shell scripts that start this program by the `deno`
 * command. That changes the environment: the scripts set variables for `deno`, a shell sets `PWD` and
 * drops names that it can't use, and `deno` puts a `node` of its own into `PATH` (denoland/deno#34969). A
 * service must see the environment that a plain executable would have had. So the scripts pass the
 * original along:
 *
 * | variable | meaning |
 * |---|---|
 * | `_SV_PID` | the process that these notes are for |
 * | `_SV_ARGV0` | the name under which the program was called |
 * | `_SV_START` | a line with the soft limit on open files, which `deno` raises; then the environment, each entry followed by the byte 1; then a full stop. Absent for commands that start nothing |
 *
 * The packed executable, started as `sv scan --resume`, takes `_SV_START` as it finds it, and starts no
 * process: a shell that waits for one takes the deaths of all the scan's children.
 *
 * Remove when `deno compile` makes the executable wherever it is built, and the sources are no
 * longer a way to run the program.
 *
 * @module
 */

import { libc } from "../libc.ts";
import { cString, decodeOs } from "../os_string.ts";

/** How this program was started, as its launcher noted it. */
export interface Launch {
  /** The name under which the program was called; undefined where the kernel still knows. */
  readonly argv0: string | undefined;
  /** The packed executable, an absolute path; undefined for other forms. */
  readonly executable: string | undefined;
  /** The soft limit on open files at the start; undefined when nothing has changed it. */
  readonly softNofile: number | undefined;
}

const NOTHING: Launch = { argv0: undefined, executable: undefined, softNofile: undefined };
let launch: Launch | undefined;
let startNotes: string | undefined;

/**
 * Undoes what the launcher did to the environment, the first time it is called.
 *
 * @returns The launcher's notes; the same each time.
 */
export function restoreLaunchEnvironment(): Launch {
  if (launch === undefined) {
    launch = Deno.env.has("_SV_PID") ? restore() : NOTHING;
    removeNodeShim();
  }
  return launch;
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
  const path = Deno.env.get("PATH");
  if (!Deno.env.has("DENO_NODE_SHIM_ACTIVE")) return;
  Deno.env.delete("DENO_NODE_SHIM_ACTIVE");
  const original = initialEnvironment().get("PATH");
  if (original === undefined) Deno.env.delete("PATH");
  else if (path !== original && original.isWellFormed()) Deno.env.set("PATH", original);
}

function restore(): Launch {
  const current = initialEnvironment();
  const start = current.get("_SV_START");
  for (const name of ["_SV_PID", "_SV_ARGV0", "_SV_START"]) Deno.env.delete(name);
  // Exec keeps the process id. Notes for another process were inherited from a `scripts/deno` that has
  // started this program.
  if (current.get("_SV_PID") !== String(Deno.pid)) return NOTHING;

  const argv0 = current.get("_SV_ARGV0");
  // Made absolute now, before anything changes the working directory.
  const executable = argv0 === undefined || argv0.startsWith("/")
    ? argv0
    : `${Deno.cwd()}/${argv0}`;
  if (start === undefined) return { argv0, executable, softNofile: undefined };
  startNotes = start;
  const [limit, environment] = start.split(/\n(.*)/s);
  // Without the full stop the note is cut off, and the environment stays as it is.
  if (environment?.endsWith(".")) {
    restoreVariables(current, entries(environment.slice(0, -1), "\x01"));
  }
  return { argv0, executable, softNofile: softLimit(limit!) };
}

/**
 * Leaves this program's notes to the program that it becomes.
 *
 * @returns What takes them away again, in case that fails.
 */
export function passNotesOn(): Disposable {
  const name = cString("_SV_START");
  if (startNotes !== undefined) libc.setenv(name, cString(startNotes), 1);
  return { [Symbol.dispose]: () => void libc.unsetenv(name) };
}

function restoreVariables(current: Map<string, string>, original: Map<string, string>): void {
  for (const name of current.keys()) {
    if (!original.has(name)) Deno.env.delete(name);
  }
  for (const [name, value] of original) {
    if (current.get(name) !== value) Deno.env.set(name, value);
  }
}

function entries(text: string, end: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of text.split(end)) {
    const equals = entry.indexOf("=", 1);
    if (equals > 0) found.set(entry.slice(0, equals), entry.slice(equals + 1));
  }
  return found;
}

/** Parses a limit: `ulimit` prints a number or a word. */
function softLimit(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
