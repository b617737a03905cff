import { stampTime } from "../os/clock.ts";
import { close, CWD, Open, open, tryRead } from "../os/file.ts";
import { cString } from "../os/os_string.ts";
import { Errno, SystemError } from "../os/system_error.ts";
import type { WaitStatus } from "../os/wait_status.ts";
import { type Instant, packTai64n, unpackTai64n } from "../tai/tai64n.ts";
import { STATUS_BYTES, SupervisePath } from "./protocol.ts";

/** The offsets in the status file. */
const STAMP = 0;
const READY_STAMP = 12;
const PID = 24;
const WAIT_STATUS = 32;
const FLAGS = 34;

/** The flags. */
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
  /** Whether a command has sent it SIGSTOP and none SIGCONT since; with pid 0: not started yet. */
  readonly paused: boolean;
  /** Whether `finish` is running. */
  readonly finishing: boolean;
  /** Whether the supervisor is to keep it up. */
  readonly wantUp: boolean;
  /** Whether it is up, and has told that it is ready. */
  readonly ready: boolean;
  /** Whether it is down for good: `finish` has ended, too, or there is none. */
  readonly finished: boolean;
}

/** Returns whether `run` is running. */
export function isUp({ pid, finishing }: Pick<ServiceStatus, "pid" | "finishing">): boolean {
  return pid !== 0 && !finishing;
}

/** Returns whether the supervisor has not started the service even once. */
export function isNotStartedYet(status: ServiceStatus): boolean {
  return status.pid === 0 && !status.finishing && status.paused;
}

/** Returns the flags. The one for readiness says of a service that is down that it is so for good. */
function flagsOf({ paused, finishing, wantUp, ready, finished }: TimelessStatus): number {
  return (paused ? PAUSED : 0) | (finishing ? FINISHING : 0) | (wantUp ? WANT_UP : 0) |
    (ready || finished ? READY : 0);
}

/** Returns the bytes of a status file. */
export function packStatus(status: ServiceStatus): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(STATUS_BYTES);
  const view = new DataView(bytes.buffer);
  packTai64n(status.stamp, view, STAMP);
  packTai64n(status.readyStamp, view, READY_STAMP);
  view.setBigUint64(PID, BigInt(status.pid));
  view.setUint16(WAIT_STATUS, status.waitStatus);
  view.setUint8(FLAGS, flagsOf(status));
  return bytes;
}

/** A status without its times, as the supervisor's state machine knows it. */
export type TimelessStatus = Omit<ServiceStatus, "stamp" | "readyStamp">;

/** The bytes of a service's status file, changed in place for as long as it is supervised. */
export class StatusRecord {
  /** The bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;

  /** @param status The status at first. */
  constructor(status: ServiceStatus) {
    this.bytes = packStatus(status);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** Since when the service is up or down. */
  get stamp(): Instant {
    return unpackTai64n(this.#view, STAMP);
  }

  /** When it last became ready, or was down for good. */
  get readyStamp(): Instant {
    return unpackTai64n(this.#view, READY_STAMP);
  }

  /** Notes that it goes up or down now. */
  stampChange(): void {
    stampTime(this.#view, STAMP);
  }

  /** Notes that it is ready, or down for good, now. */
  stampReady(): void {
    stampTime(this.#view, READY_STAMP);
  }

  /** Notes everything but the times. */
  update(status: TimelessStatus): void {
    const view = this.#view;
    view.setUint32(PID, 0);
    view.setUint32(PID + 4, status.pid);
    view.setUint16(WAIT_STATUS, status.waitStatus);
    view.setUint8(FLAGS, flagsOf(status));
  }
}

/** Returns the status that the bytes of a status file tell. */
export function unpackStatus(bytes: Uint8Array): ServiceStatus {
  return statusAt(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

/** Returns the status that the bytes of a status file tell, which begin in `view` at `at`. */
export function statusAt(view: DataView, at = 0): ServiceStatus {
  const flags = view.getUint8(at + FLAGS);
  const pid = view.getUint32(at + PID) * 2 ** 32 + view.getUint32(at + PID + 4);
  const finishing = (flags & FINISHING) !== 0;
  const up = pid !== 0 && !finishing;
  const ready = (flags & READY) !== 0;
  return {
    stamp: unpackTai64n(view, at + STAMP),
    readyStamp: unpackTai64n(view, at + READY_STAMP),
    pid,
    waitStatus: view.getUint16(at + WAIT_STATUS),
    paused: (flags & PAUSED) !== 0,
    finishing,
    wantUp: (flags & WANT_UP) !== 0,
    ready: up && ready,
    finished: !up && ready,
  };
}

/**
 * Reads the status of a service.
 *
 * That is what the supervisor wrote last; `isSupervised` tells whether it still runs.
 *
 * Follows s6's `s6-svstat` and `s6_svstatus_read`.
 *
 * Permissions: `ffi`.
 *
 * @param dir Path of the service directory.
 * @throws {SystemError} when there is no status file, it can't be read, or it is cut short.
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
  return readOpened(open(CWD, `${dir}/${SupervisePath.status}`, Open.READ | Open.NONBLOCK), dir);
}

const STATUS = cString(SupervisePath.status);

/** As {@linkcode readStatus}, in a service directory that is open; `dir` is its path, for an error. */
export function readStatusIn(directory: number, dir: string): ServiceStatus {
  return readOpened(open(directory, STATUS, Open.READ | Open.NONBLOCK), dir);
}

/** The bytes that were read last. */
const read = new Uint8Array(STATUS_BYTES);
const readView = new DataView(read.buffer);

/** Reads the status file that is open, and closes it. */
function readOpened(fd: number, dir: string): ServiceStatus {
  const count = tryRead(fd, read);
  close(fd);
  if (count === STATUS_BYTES) return statusAt(readView);
  const path = `${dir}/${SupervisePath.status}`;
  if (count < 0) throw new SystemError(`read ${path}`, -count);
  throw new SystemError(`read ${path} (${count} bytes of ${STATUS_BYTES})`, Errno.EPIPE);
}
