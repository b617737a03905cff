/**
 * What a daemon that speaks systemd's protocol says of itself, beyond its readiness: a file beside the
 * status, of lines `NAME=value`. The process beside the daemon writes it, `sv stat` and the supervisor
 * read it, s6 does not know it.
 *
 * @module
 */

import { exists, readFile, replaceFile } from "../os/file.ts";
import { decodeOs, encodeOs } from "../os/os_string.ts";

const FILE = "supervise/sd-status";
const LONGEST = 16_384;

/** What a daemon is doing, as it says itself. */
export type SdState = "starting" | "running" | "reloading" | "stopping";

const STATES: readonly string[] = ["starting", "running", "reloading", "stopping"];

/** What a daemon said of itself last. */
export interface SdStatus {
  /** The daemon's process id. What another process said is of no interest any more. */
  readonly pid: number;
  /** What it is doing. */
  readonly state: SdState;
  /** What it said in its own words; empty where it said nothing. */
  readonly status: string;
  /** Until when it wants to be left alone while it stops: milliseconds on the monotonic clock, or 0. */
  readonly extendedUntil: number;
}

/** Writes what a daemon said, into the service directory `directory` (open, or `CWD`). */
export function writeSdStatus(directory: number, said: SdStatus): void {
  const lines = [
    `PID=${said.pid}`,
    `STATE=${said.state}`,
    `EXTENDED_UNTIL=${Math.ceil(said.extendedUntil)}`,
    `STATUS=${said.status}`,
  ];
  replaceFile(directory, FILE, `${FILE}.new`, encodeOs(lines.join("\n") + "\n"));
}

/**
 * Reads what a daemon said.
 *
 * @param directory The service directory, open; or `CWD`.
 * @param pid The daemon. What another said counts for nothing.
 * @param dir The service directory's path, where `directory` is `CWD`.
 * @returns undefined where it said nothing.
 */
export function readSdStatus(directory: number, pid: number, dir = "."): SdStatus | undefined {
  let text: string;
  try {
    // An exception takes a millisecond of a start.
    if (!exists(directory, `${dir}/${FILE}`)) return undefined;
    text = decodeOs(readFile(directory, `${dir}/${FILE}`, LONGEST));
  } catch {
    // Most daemons say nothing, and what can't be read is not worth an error.
    return undefined;
  }
  const fields = new Map(
    text.split("\n").map((line) => {
      const equals = line.indexOf("=");
      return [line.slice(0, equals), line.slice(equals + 1)];
    }),
  );
  const state = fields.get("STATE") ?? "";
  if (fields.get("PID") !== String(pid) || !STATES.includes(state)) return undefined;
  return {
    pid,
    state: state as SdState,
    status: fields.get("STATUS") ?? "",
    extendedUntil: Number(fields.get("EXTENDED_UNTIL")) || 0,
  };
}
