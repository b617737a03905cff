/**
 * How far the polling of a daemon has got: a file of lines `NAME=value` beside the status file. The
 * process that polls writes it, `sv stat` reads it, s6 does not know it.
 *
 * @module
 */

import { readNamedValues, wholeNumber, writeNamedValues } from "./named_values.ts";
import { SupervisePath } from "./protocol.ts";

const LONGEST = 4096;
const LONGEST_FAILURE = 1024;

const STATES = ["polling", "ready", "gave up", "timed out"] as const;

/** The outcome of polling, so far. */
export type PollingState = typeof STATES[number];

/** How far polling has got. */
export interface PollingStatus {
  /** The daemon's process id. */
  readonly pid: number;
  /** The outcome so far. */
  readonly state: PollingState;
  /** How many checks were made. */
  readonly tries: number;
  /** Why the last check failed; empty where that is not known. */
  readonly lastFailure: string;
}

/** Writes the polling status into the service directory `directory` (open, or `CWD`). */
export function writePollingStatus(directory: number, status: PollingStatus): void {
  writeNamedValues(directory, SupervisePath.readiness, {
    PID: status.pid,
    STATE: status.state,
    TRIES: status.tries,
    FAILURE: status.lastFailure.replaceAll("\n", " ").slice(0, LONGEST_FAILURE),
  });
}

/**
 * Reads the polling status of a daemon.
 *
 * @param directory The service directory, open; or `CWD`.
 * @param pid The daemon: a status of another one is out of date.
 * @param dir The service directory's path, where `directory` is `CWD`.
 * @returns undefined where the daemon was not polled.
 */
export function readPollingStatus(
  directory: number,
  pid: number,
  dir = ".",
): PollingStatus | undefined {
  const values = readNamedValues(directory, `${dir}/${SupervisePath.readiness}`, LONGEST, pid);
  const state = STATES.find((state) => state === values?.get("STATE"));
  if (values === undefined || state === undefined) return undefined;
  return {
    pid,
    state,
    tries: wholeNumber(values, "TRIES"),
    lastFailure: values.get("FAILURE") ?? "",
  };
}
