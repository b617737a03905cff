import { replaceFile } from "../os/file.ts";
import { cString } from "../os/os_string.ts";
import { reactor } from "../os/reactor.ts";
import type { Timer } from "../os/timer_queue.ts";
import { Errno, isErrno, reasonOf } from "../os/system_error.ts";
import { NEW_FILE, SupervisePath } from "../servicedir/protocol.ts";
import {
  packStatus,
  readStatusIn,
  type ServiceStatus,
  StatusRecord,
  type TimelessStatus,
} from "../servicedir/status.ts";

const FIRST_RETRY = 1000;
const LONGEST_RETRY = 8000;

const STATUS = cString(SupervisePath.status);
const NEW_STATUS = cString(SupervisePath.status + NEW_FILE);

/** A copy of a status file. */
export interface StatusCopy {
  /** Writes what the file has now. */
  write(status: Uint8Array): void;
  /** Removes it. */
  remove(): void;
}

/** The status of a service, and its file. A write that fails (a full disk, say) is repeated. */
export class StatusWriter extends StatusRecord {
  readonly #directory: number;
  readonly #report: (message: string) => void;
  #retry: Timer | undefined;
  readonly #copy: StatusCopy | undefined;
  #delay = FIRST_RETRY;

  /**
   * @param directory The service directory, open.
   * @param report Reports a message to the administrator.
   * @param status The status at first; it is not written yet.
   * @param copy A copy that is kept of the file.
   */
  constructor(
    directory: number,
    report: (message: string) => void,
    status: ServiceStatus,
    copy?: StatusCopy,
  ) {
    super(status);
    this.#directory = directory;
    this.#report = report;
    this.#copy = copy;
  }

  /** Whether the file is out of date, because it could not be written. */
  get isStale(): boolean {
    return this.#retry !== undefined;
  }

  /**
   * Writes the status.
   *
   * @param status All of it but the times.
   * @param again Called later where the write failed, to write the state of that moment.
   */
  write(status: TimelessStatus, again: () => void): void {
    this.stop();
    try {
      this.update(status);
      replaceFile(this.#directory, STATUS, NEW_STATUS, this.bytes);
      this.#copy?.write(this.bytes);
      this.#delay = FIRST_RETRY;
    } catch (error) {
      // In a directory that was removed there will never be a status again.
      const gone = isErrno(error, Errno.ENOENT);
      if (gone || this.#delay === FIRST_RETRY) {
        this.#report(
          `warning: ${reasonOf(error)}${gone ? "" : "; trying again until it succeeds"}`,
        );
      }
      if (gone) return;
      this.#retry = reactor().after(this.#delay, again);
      this.#delay = Math.min(this.#delay * 2, LONGEST_RETRY);
    }
  }

  /** Copies the file as another program has left it, which this one goes on from. */
  copyFile(): void {
    if (this.#copy === undefined) return;
    try {
      this.#copy.write(packStatus(readStatusIn(this.#directory, ".")));
    } catch {
      // There is none. A reader of copies finds none either, and looks for the file.
    }
  }

  /** Stops repeating a write that failed. */
  stop(): void {
    this.#retry?.[Symbol.dispose]();
    this.#retry = undefined;
  }
}
