/**
 * How far the polling of a daemon has got: a file beside the status, of lines `NAME=value`. Whoever
 * polls writes it, `sv stat` reads it, s6 does not know it.
 *
 * @module
 */

import { readFile, replaceFile } from "../os/file.ts";
import { decodeOs, encodeOs } from "../os/os_string.ts";

const FILE = "supervise/readiness";
const LONGEST = 4096;
const LONGEST_FAILURE = 1024;

/** What polling has come to. */
export type PollingState = "polling" | "ready" | "gave up" | "timed out";

const STATES: readonly string[] = ["polling", "ready", "gave up", "timed out"];

/** How far polling has got. */
export interface PollingStatus {
  /** The daemon's process id. What is said of another process is of no interest any more. */
  readonly pid: number;
  /** What it has come to. */
  readonly state: PollingState;
  /** How many checks were made. */
  readonly tries: number;
  /** What was wrong the last time; empty where nothing is known. */
  readonly lastFailure: string;
}

/** Writes it into the service directory `directory` (open, or `CWD`). */
export function writePollingStatus(directory: number, status: PollingStatus): void {
  const lines = [
    `PID=${status.pid}`,
    `STATE=${status.state}`,
    `TRIES=${status.tries}`,
    `FAILURE=${status.lastFailure.replaceAll("\n", " ").slice(0, LONGEST_FAILURE)}`,
  ];
  replaceFile(directory, FILE, `${FILE}.new`, encodeOs(lines.join("\n") + "\n"));
}

/**
 * Reads it.
 *
 * @param directory The service directory, open; or `CWD`.
 * @param pid The daemon. What is said of another counts for nothing.
 * @param dir The service directory's path, where `directory` is `CWD`.
 * @returns undefined where the daemon was not polled.
 */
export function readPollingStatus(
  directory: number,
  pid: number,
  dir = ".",
): PollingStatus | undefined {
  let text: string;
  try {
    text = decodeOs(readFile(directory, `${dir}/${FILE}`, LONGEST));
  } catch {
    // Most daemons are not polled, and what can't be read is not worth an error.
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
    state: state as PollingState,
    tries: Number(fields.get("TRIES")) || 0,
    lastFailure: fields.get("FAILURE") ?? "",
  };
}
