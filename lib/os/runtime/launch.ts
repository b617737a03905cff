/**
 * What the launcher of this program left in the environment, and how to undo it.
 *
 * The packed executable and `scripts/deno` are shell scripts that start this program through the
 * `deno` command. That changes the environment: `deno` is told things in it, and a shell sets `PWD`,
 * drops names it can't use, and so on. So they pass the original along:
 *
 * | variable | meaning |
 * |---|---|
 * | `_SV_PID` | the process that the notes are for |
 * | `_SV_ARGV0` | the name under which the program was called |
 * | `_SV_START` | a line with the soft limit on open files, which `deno` raises; then the environment, each entry followed by the byte 1; then a full stop. Absent for commands that start nothing |
 *
 * A service must see the environment that a real executable would have had.
 *
 * The packed executable, started as `sv scan --resume`, takes `_SV_START` as it finds it, and makes no
 * process: a shell that waits for one of its own takes the deaths of all others.
 *
 * @module
 */

import { libc } from "../libc.ts";
import { cString, decodeOs } from "../os_string.ts";

/** What a launcher knew about the start of this program. */
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
 * @returns what the launcher knew; the same each time.
 */
export function restoreLaunchEnvironment(): Launch {
  if (launch === undefined) {
    launch = Deno.env.has("_SV_PID") ? restore() : NOTHING;
    removeNodeShim();
  }
  return launch;
}

/** Where no `node` is found, the `deno` command puts a directory with one of its own into PATH. */
function removeNodeShim(): void {
  const path = Deno.env.get("PATH");
  if (!Deno.env.has("DENO_NODE_SHIM_ACTIVE")) return;
  Deno.env.delete("DENO_NODE_SHIM_ACTIVE");
  const original = entries(decodeOs(Deno.readFileSync("/proc/self/environ")), "\0").get("PATH");
  if (original === undefined) Deno.env.delete("PATH");
  else if (path !== original && original.isWellFormed()) Deno.env.set("PATH", original);
}

function restore(): Launch {
  // Read as bytes: Deno can't give a value that is not UTF-8.
  const current = entries(decodeOs(Deno.readFileSync("/proc/self/environ")), "\0");
  const start = current.get("_SV_START");
  for (const name of ["_SV_PID", "_SV_ARGV0", "_SV_START"]) Deno.env.delete(name);
  // Exec keeps the process id, so notes for another process were merely inherited: those of a
  // `scripts/deno` from which somebody started this program.
  if (current.get("_SV_PID") !== String(Deno.pid)) return NOTHING;

  const argv0 = current.get("_SV_ARGV0");
  // Made absolute now, before anything changes the working directory.
  const executable = argv0 === undefined || argv0.startsWith("/")
    ? argv0
    : `${Deno.cwd()}/${argv0}`;
  if (start === undefined) return { argv0, executable, softNofile: undefined };
  startNotes = start;
  const [limit, environment] = start.split(/\n(.*)/s);
  // Without the full stop it is not complete: better a stray PWD than too little.
  if (environment?.endsWith(".")) {
    restoreVariables(current, entries(environment.slice(0, -1), "\x01"));
  }
  return { argv0, executable, softNofile: softLimit(limit!) };
}

/**
 * Leaves the notes that this program was started with to the program that takes its place.
 *
 * @returns what takes them away again, should this program stay.
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

/** `ulimit` prints a number or a word. */
function softLimit(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
