/**
 * What a daemon tells by systemd's protocol besides its readiness: a file of lines `NAME=value` beside
 * the status file. The process beside the daemon writes it, `sv stat` and the supervisor read it, s6
 * does not know it.
 *
 * @module
 */

import { cString } from "../os/os_string.ts";
import { readNamedValues, wholeNumber, writeNamedValues } from "./named_values.ts";
import { SupervisePath } from "./protocol.ts";

const LONGEST = 16_384;
const SD_STATUS = cString(SupervisePath.sdStatus);

const STATES: readonly SdState[] = ["starting", "running", "reloading", "stopping"];

/** What a daemon is doing, as it tells. */
export type SdState = "starting" | "running" | "reloading" | "stopping";

/** What a daemon has told last. */
export interface SdStatus {
  /** The daemon's process id. */
  readonly pid: number;
  /** What it is doing. */
  readonly state: SdState;
  /** Its status in its own words; empty where it has told none. */
  readonly status: string;
  /** Until when it asks not to be killed while it stops: milliseconds on the monotonic clock, or 0. */
  readonly extendedUntil: number;
}

/** Writes what a daemon has told into the service directory `directory` (open, or `CWD`). */
export function writeSdStatus(directory: number, status: SdStatus): void {
  writeNamedValues(directory, SupervisePath.sdStatus, {
    PID: status.pid,
    STATE: status.state,
    EXTENDED_UNTIL: Math.ceil(status.extendedUntil),
    STATUS: status.status,
  });
}

/**
 * Reads what a daemon has told.
 *
 * @param directory The service directory, open; or `CWD`.
 * @param pid The daemon: what another one has told is out of date.
 * @param dir The service directory's path, where `directory` is `CWD`.
 * @returns undefined where it has told nothing.
 */
export function readSdStatus(directory: number, pid: number, dir?: string): SdStatus | undefined {
  const path = dir === undefined ? SD_STATUS : `${dir}/${SupervisePath.sdStatus}`;
  const values = readNamedValues(directory, path, LONGEST, pid);
  if (values === undefined) return undefined;
  const state = STATES.find((state) => state === values.get("STATE"));
  if (state === undefined) return undefined;
  return {
    pid,
    state,
    status: values.get("STATUS") ?? "",
    extendedUntil: wholeNumber(values, "EXTENDED_UNTIL"),
  };
}
