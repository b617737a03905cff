/**
 * What a daemon that speaks systemd's protocol says of itself, beyond its readiness: a file beside the
 * status, of lines `NAME=value`. The process beside the daemon writes it, `sv stat` and the supervisor
 * read it, s6 does not know it.
 *
 * @module
 */

import { readNamedValues, writeNamedValues } from "./named_values.ts";
import { SupervisePath } from "./protocol.ts";

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
  writeNamedValues(directory, SupervisePath.sdStatus, {
    PID: said.pid,
    STATE: said.state,
    EXTENDED_UNTIL: Math.ceil(said.extendedUntil),
    STATUS: said.status,
  });
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
  const values = readNamedValues(directory, `${dir}/${SupervisePath.sdStatus}`, LONGEST, pid);
  const state = values?.get("STATE") ?? "";
  if (values === undefined || !STATES.includes(state)) return undefined;
  return {
    pid,
    state: state as SdState,
    status: values.get("STATUS") ?? "",
    extendedUntil: Number(values.get("EXTENDED_UNTIL")) || 0,
  };
}
