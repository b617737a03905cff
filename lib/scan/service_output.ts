import type { Destination } from "../log/collector/messages.ts";
import { effectiveUserId } from "../os/credentials.ts";
import { isReadWrite } from "../os/descriptor.ts";
import { close, CWD, Descriptor, Open, open } from "../os/file.ts";
import { fstat } from "../os/file_status.ts";
import { openOwnDirectory } from "../os/open_own.ts";
import { Access, accessErrno, mkfifo, unlink } from "../os/path.ts";
import { reasonOf } from "../os/system_error.ts";
import { SupervisePath } from "../servicedir/protocol.ts";
import type { LogProcesses } from "./log_processes.ts";

/**
 * Makes the FIFO for a service's output, where it is missing, and opens it at both ends: so its writer
 * never gets SIGPIPE, whatever happens to the log process.
 */
function openFifo(service: string): number {
  using directory = new Descriptor(openOwnDirectory(CWD, service));
  mkfifo(directory.fd, SupervisePath.output, 0o600);
  const flags = Open.READ_WRITE | Open.NOFOLLOW;
  const fd = open(directory.fd, SupervisePath.output, flags);
  const { type, uid } = fstat(fd);
  if (type === "fifo" && uid === effectiveUserId()) return fd;
  close(fd);
  throw new Error(`${SupervisePath.output} is not a FIFO of user ${effectiveUserId()}; remove it`);
}

/** Removes the FIFO, and its journal, of a service that is not logged any more. */
function removeFifo(service: string): void {
  try {
    using directory = new Descriptor(openOwnDirectory(CWD, service));
    unlink(directory.fd, SupervisePath.output);
    unlink(directory.fd, SupervisePath.outputJournal);
  } catch {
    // The service has gone, or has been renamed: the next scan finds an empty FIFO.
  }
}

/** The FIFO for the output of a service that has no logger, and the log process that reads it. */
export class ServiceOutput {
  /** Where the output is logged; undefined: nowhere. */
  destination: Destination | undefined;
  readonly #logs: LogProcesses | undefined;
  readonly #report: (message: string) => void;
  /** What tells the FIFO from any other, while a log process reads it. */
  #id: string | undefined;
  /** The last order to the log processes. */
  #ordered = "";

  /**
   * @param logs The log processes of the scan.
   * @param report Gets messages for the administrator.
   */
  constructor(logs: LogProcesses | undefined, report: (message: string) => void) {
    this.#logs = logs;
    this.#report = report;
  }

  /** Whether the output was logged, and is not to be any more. */
  get isUnwanted(): boolean {
    return this.#id !== undefined && this.destination === undefined;
  }

  /**
   * Has the output logged, where that is wanted.
   *
   * @param service The service directory, relative to the scan directory.
   * @param opened The FIFO, where it is open already.
   * @returns The FIFO, open; what was `opened` where the output is not logged.
   */
  open(service: string, opened: number | undefined): number | undefined {
    const to = this.destination;
    if (to === undefined || this.#logs === undefined) return opened;
    try {
      const fifo = opened ?? openFifo(service);
      const order = JSON.stringify([service, to]);
      if (order === this.#ordered) return fifo;
      this.#ordered = order;
      const id = fstat(fifo).identity;
      this.#id = id;
      this.#logs.log({ id, name: service, path: service, to }, fifo);
      return fifo;
    } catch (error) {
      this.#report(`warning: its output is not logged: ${reasonOf(error)}`);
      return opened;
    }
  }

  /**
   * Sees to a FIFO of a former scan, or program, where this one does not log the service: a process that
   * writes to it would wait for ever, and lines may be left in its journal. All that comes goes to the
   * scan's stdout, as what the service writes from its next start on; then the FIFO is removed.
   *
   * @param service The service directory, relative to the scan directory.
   * @param opened The service's end of a pipe to its logger, or the FIFO, where one is open already.
   */
  drain(service: string, opened: number | undefined): void {
    if (this.destination !== undefined || this.#logs === undefined) return;
    // A pipe to a logger is opened for writing only.
    const isHeld = opened !== undefined && isReadWrite(opened);
    if (!isHeld && accessErrno(CWD, `${service}/${SupervisePath.output}`, Access.EXISTS) !== 0) {
      return;
    }
    try {
      const fifo = isHeld ? opened : openFifo(service);
      const id = fstat(fifo).identity;
      this.#logs.log({ id, name: service, path: service, to: { stream: "plain" } }, fifo);
      this.#id = id;
      if (isHeld) return;
      close(fifo);
      this.release(service);
    } catch (error) {
      this.#report(`warning: its former output is not read: ${reasonOf(error)}`);
    }
  }

  /**
   * Notes that the FIFO is being closed.
   *
   * @param service The service directory, relative to the scan directory.
   */
  release(service: string): void {
    const remove = () => removeFifo(service);
    if (this.#id !== undefined) this.#logs?.release(this.#id, this.isUnwanted ? remove : undefined);
    this.#id = undefined;
    this.#ordered = "";
  }
}
