/**
 * How a scan ends: it becomes the executable `.s6-svscan/finish`, or `.s6-svscan/crash`.
 *
 * @module
 */

import { replaceDescriptor } from "../os/descriptor.ts";
import { close, CWD, Open, open } from "../os/file.ts";
import { redirect } from "../os/runtime/redirect.ts";
import { exec, execFailureCode } from "../os/spawn/exec.ts";
import { Errno, reasonOf } from "../os/system_error.ts";
import { ScanPath } from "../servicedir/protocol.ts";
import type { ScanHost } from "./scan_options.ts";

/** The exit code of a scan that could not become `crash`, because there is none. */
const CRASHED = 111;

/** What the executable gets. */
export interface EndingSurroundings {
  /** The console, which becomes its standard output and standard error. */
  readonly console: number | undefined;
  /** Its soft limit on open files, where it is not this process's. */
  readonly softNofile: number | undefined;
}

/** Points the scan's output elsewhere: the catch-all logger ends when no process writes to it. */
export function silence(console: number | undefined): void {
  const nowhere = open(CWD, "/dev/null", Open.WRITE);
  redirect(1, nowhere);
  redirect(2, console ?? nowhere);
  close(nowhere);
}

/** Makes the console, where there is one, standard output and standard error again. */
function restoreConsole(console: number | undefined): void {
  if (console === undefined) return;
  replaceDescriptor(2, console);
  replaceDescriptor(1, console);
}

/**
 * Becomes `finish`; exits where there is none, and becomes `crash` where it can't be run.
 *
 * @param surroundings What the executable gets.
 * @param host The program around the scan.
 * @param code The exit code of the command that the scan ran, which `finish` gets as its argument;
 *   undefined where it ran none.
 */
export function becomeFinish(
  surroundings: EndingSurroundings,
  host: ScanHost,
  code?: number,
): void {
  restoreConsole(surroundings.console);
  const argv = [ScanPath.finish, ...code === undefined ? [] : [String(code)]];
  const error = exec(argv, { softNofile: surroundings.softNofile });
  if (error.errno === Errno.ENOENT) return host.exit(code ?? 0);
  host.report(`warning: ${reasonOf(error)}`);
  becomeCrash(surroundings, host);
}

/** Becomes `crash`, the last resort; exits where that is not possible. */
export function becomeCrash({ console, softNofile }: EndingSurroundings, host: ScanHost): void {
  restoreConsole(console);
  const error = exec([ScanPath.crash], { softNofile });
  host.report(`fatal: ${reasonOf(error)}`);
  host.exit(error.errno === Errno.ENOENT ? CRASHED : execFailureCode(error));
}
