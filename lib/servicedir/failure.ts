/**
 * Why a service is not up: a file of one line beside the status file. The supervisor writes it when
 * `run` can't be started, or when the service has failed permanently, and removes it when `run` has
 * been started; `sv stat` reads it, s6 does not know it.
 *
 * @module
 */

import { CWD, readFile, replaceFile } from "../os/file.ts";
import { exists, unlink } from "../os/path.ts";
import { decodeOs, encodeOs } from "../os/os_string.ts";
import { isSv } from "./is_sv.ts";
import { NEW_FILE, SupervisePath } from "./protocol.ts";

const LONGEST = 4096;

const KINDS = ["start", "permanent"] as const;

/** What has failed: the start of `run`, or the service, which is not to be started again. */
export type FailureKind = typeof KINDS[number];

/** Why a service is not up. */
export interface ServiceFailure {
  /** What has failed. */
  readonly kind: FailureKind;
  /** The reason, in words. */
  readonly reason: string;
}

/** What the supervisor of a service notes of its failures. It costs nothing where there is none. */
export class FailureNote {
  readonly #directory: number;
  #mayExist: boolean;

  /**
   * @param directory The service directory, open.
   * @param mayExist Whether a former supervisor may have left a note, which holds until the next start.
   */
  constructor(directory: number, mayExist: boolean) {
    this.#directory = directory;
    this.#mayExist = mayExist;
  }

  /** Notes a failure. Where that can't be written, it is known from the supervisor's warning alone. */
  write(kind: FailureKind, reason: string): void {
    // A line break in a path must not end the reason.
    const line = `${kind} ${reason.replaceAll("\n", " ")}\n`;
    const bytes = encodeOs(line).subarray(0, LONGEST);
    this.#mayExist = true;
    try {
      replaceFile(
        this.#directory,
        SupervisePath.failure,
        SupervisePath.failure + NEW_FILE,
        bytes,
      );
    } catch {
      // The disk is full, say.
    }
  }

  /** Removes the note, if there may be one: the service was started. */
  clear(): void {
    if (!this.#mayExist) return;
    this.#mayExist = false;
    unlink(this.#directory, SupervisePath.failure);
  }
}

/**
 * Returns why a service that is down is not up; undefined where it has not failed, or was left by `sv` to
 * another supervisor.
 *
 * @param dir Path of the service directory.
 */
export function readFailure(dir: string): ServiceFailure | undefined {
  const path = `${dir}/${SupervisePath.failure}`;
  try {
    // Looking first is cheaper: the first exception of a process costs a millisecond.
    if (!exists(CWD, path)) return undefined;
    const [, kind, reason = ""] = /^(\w+) (.*)/.exec(decodeOs(readFile(CWD, path, LONGEST))) ?? [];
    const known = KINDS.find((known) => known === kind);
    return known === undefined || !isSv(dir) ? undefined : { kind: known, reason };
  } catch {
    // An extra file that can't be read must not hide the rest of the status.
    return undefined;
  }
}
