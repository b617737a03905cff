/**
 * How far the polling of a daemon has got: a file of lines `NAME=value` beside the status file. The
 * process that polls writes it, `sv stat` reads it, s6 does not know it.
 *
 * @module
 */

import { readNamedValues, wholeNumber, writeNamedValues } from "./named_values.ts";
import { SupervisePath } from "./protocol.ts";

const LONGEST = 8192;
const LONGEST_FAILURE = 1024;

const STATES: readonly PollingState[] = ["polling", "ready", "gave up", "timed out"];

/** Written in place of an outcome where polling can't begin: for readers of the status, there is none. */
const IMPOSSIBLE = "impossible";

/** The outcome of polling, so far. */
export type PollingState = "polling" | "ready" | "gave up" | "timed out";

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
  /** What the check that failed last has printed: its last lines, on one. Absent: nothing. */
  readonly lastOutput?: string;
  /**
   * Since when a check that takes long has been running, on the monotonic clock in milliseconds. Absent: no
   * check runs, or it has begun just now.
   */
  readonly runningSince?: number;
  /** How long the check that has ended last took, in milliseconds. Absent: none has ended yet. */
  readonly lastDuration?: number;
}

/** Returns a text that fits on a line of the file. */
function line(text: string): string {
  return text.replaceAll("\n", " ").slice(0, LONGEST_FAILURE);
}

/** Writes the polling status into the service directory `directory` (open, or `CWD`). */
export function writePollingStatus(directory: number, status: PollingStatus): void {
  writeNamedValues(directory, SupervisePath.readiness, {
    PID: status.pid,
    STATE: status.state,
    TRIES: status.tries,
    FAILURE: line(status.lastFailure),
    OUTPUT: line(status.lastOutput ?? ""),
    RUNNING_SINCE: Math.floor(status.runningSince ?? 0),
    // Microseconds; 0 is for none.
    DURATION: status.lastDuration === undefined
      ? 0
      : Math.max(Math.round(status.lastDuration * 1000), 1),
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
  const lastOutput = values.get("OUTPUT");
  const runningSince = wholeNumber(values, "RUNNING_SINCE");
  const duration = wholeNumber(values, "DURATION");
  return {
    pid,
    state,
    tries: wholeNumber(values, "TRIES"),
    lastFailure: values.get("FAILURE") ?? "",
    ...lastOutput && { lastOutput },
    ...runningSince > 0 && { runningSince },
    ...duration > 0 && { lastDuration: duration / 1000 },
  };
}

/** Notes why a daemon can't be polled. */
export function writePollingFault(directory: number, pid: number, reason: string): void {
  writeNamedValues(directory, SupervisePath.readiness, {
    PID: pid,
    STATE: IMPOSSIBLE,
    FAILURE: line(reason),
  });
}

/** Returns why a daemon can't be polled, by the parameters of {@linkcode readPollingStatus}. */
export function readPollingFault(directory: number, pid: number, dir = "."): string | undefined {
  const values = readNamedValues(directory, `${dir}/${SupervisePath.readiness}`, LONGEST, pid);
  return values?.get("STATE") === IMPOSSIBLE ? values.get("FAILURE") : undefined;
}
