import { CWD, readFile } from "../os/file.ts";
import { Errno, SystemError } from "../os/system_error.ts";
import type { WaitStatus } from "../os/wait_status.ts";
import { type Instant, packTai64n, unpackTai64n } from "../tai/tai64n.ts";

/** How many bytes the status file has. */
export const STATUS_BYTES = 35;

const PAUSED = 1;
const FINISHING = 2;
const WANT_UP = 4;
const READY = 8;

/** The state of a service, as its supervisor wrote it last. */
export interface ServiceStatus {
  /** Since when it is up or down: nanoseconds of UTC since 1970. */
  readonly stamp: Instant;
  /** When it last became ready (up) or was down for good (down): nanoseconds of UTC since 1970. */
  readonly readyStamp: Instant;
  /** Process id of `run`, or of `finish` while finishing; 0 when down. */
  readonly pid: number;
  /** How `run` ended last: the raw word of wait(2). */
  readonly waitStatus: WaitStatus;
  /** Stopped by a signal; with pid 0, not started yet. */
  readonly paused: boolean;
  /** `finish` is running. */
  readonly finishing: boolean;
  /** The supervisor is to keep it up. */
  readonly wantUp: boolean;
  /** Up: it said that it is ready. Down: it is down for good, `finish` included. */
  readonly ready: boolean;
}

/** Whether `run` is running. */
export function isUp(status: ServiceStatus): boolean {
  return status.pid !== 0 && !status.finishing;
}

/** Whether the supervisor has not started the service even once. */
export function isNotStartedYet(status: ServiceStatus): boolean {
  return status.pid === 0 && !status.finishing && status.paused;
}

/** The 35 bytes of a status file. */
export function packStatus(status: ServiceStatus): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(STATUS_BYTES);
  const view = new DataView(bytes.buffer);
  packTai64n(status.stamp, view, 0);
  packTai64n(status.readyStamp, view, 12);
  view.setBigUint64(24, BigInt(status.pid));
  view.setUint16(32, status.waitStatus);
  view.setUint8(
    34,
    (status.paused ? PAUSED : 0) | (status.finishing ? FINISHING : 0) |
      (status.wantUp ? WANT_UP : 0) | (status.ready ? READY : 0),
  );
  return bytes;
}

/** The meaning of the 35 bytes of a status file. */
export function unpackStatus(bytes: Uint8Array): ServiceStatus {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = view.getUint8(34);
  return {
    stamp: unpackTai64n(view, 0),
    readyStamp: unpackTai64n(view, 12),
    pid: Number(view.getBigUint64(24)),
    waitStatus: view.getUint16(32),
    paused: (flags & PAUSED) !== 0,
    finishing: (flags & FINISHING) !== 0,
    wantUp: (flags & WANT_UP) !== 0,
    ready: (flags & READY) !== 0,
  };
}

/**
 * Reads the status of a service.
 *
 * What is read is what the supervisor wrote last; whether it still runs, `isSupervised` tells.
 *
 * Follows s6's `s6-svstat` and `s6_svstatus_read`.
 *
 * @param dir Path of the service directory.
 * @throws {SystemError} when there is no status file, it can't be read, or it is cut short.
 *
 * Permissions: `ffi`.
 *
 * @example
 * ```ts
 * import { readStatus } from "@sv/supervise";
 *
 * try {
 *   const { pid, ready } = readStatus("/run/service/web");
 *   console.log(pid, ready);
 * } catch (error) {
 *   console.log(error instanceof Error && error.message);
 * }
 * ```
 */
export function readStatus(dir: string): ServiceStatus {
  const path = `${dir}/supervise/status`;
  const bytes = readFile(CWD, path, STATUS_BYTES);
  if (bytes.length < STATUS_BYTES) {
    throw new SystemError(`read ${path} (${bytes.length} bytes of ${STATUS_BYTES})`, Errno.EPIPE);
  }
  return unpackStatus(bytes);
}
