import { CWD, tryWrite } from "../../os/file.ts";
import { waitWritable } from "../../os/descriptor.ts";
import { reactor } from "../../os/reactor.ts";
import { mkdir } from "../../os/path.ts";
import { Errno, isErrno, reasonOf, SystemError } from "../../os/system_error.ts";
import { LogDirectory } from "../directory/log_directory.ts";
import { DEFAULT_SETTINGS } from "../directory/settings.ts";
import type { LineFormat, LineLimit } from "./line_format.ts";
import type { LogOrder } from "./log_order.ts";
import { type Begun, inodeOf, repair } from "./repair.ts";

/** Where the lines of a service go. */
export interface LogTarget {
  /** How they are written. */
  readonly format: LineFormat;
  /** How many bytes are written at once. */
  readonly limit: LineLimit;
  /** The file that the next write goes to. */
  readonly place: { readonly inode: string; readonly position: number };
  /** Why lines can't be written at present; undefined where they can. */
  readonly obstacle: string | undefined;
  /**
   * Makes sure of a write that a killed process has begun. Call it first.
   *
   * @param inode The inode of the file that it wrote to last.
   * @param begun That write; undefined where it had begun none.
   * @returns Whether the write is done. Otherwise nothing of it is there.
   */
  open(inode: string | undefined, begun: Begun | undefined): boolean;
  /** Writes lines. Where fewer bytes are written, `onWritable` is called later. */
  write(bytes: Uint8Array<ArrayBuffer>): number;
  /** Ends it. */
  close(): Promise<void>;
}

/** What a target tells its service. */
export interface TargetEvents {
  /** Called when what could not be written is worth another try. */
  readonly onWritable: () => void;
  /** Warns of what went wrong and is tried again. */
  readonly report: (message: string) => void;
}

/** Makes the directories above a path. */
function makeParents(path: string): void {
  for (let at = path.indexOf("/", 1); at > 0; at = path.indexOf("/", at + 1)) {
    try {
      mkdir(CWD, path.slice(0, at), 0o755);
    } catch (error) {
      // It is there, and not ours to make, or opening the log directory tells why it is not.
      if (!isErrno(error, Errno.EACCES, Errno.EROFS, Errno.EPERM)) throw error;
    }
  }
}

/** A log directory of a service's own, in the format of s6-log. */
export class DirectoryTarget implements LogTarget {
  readonly format: LineFormat;
  readonly #path: string;
  readonly #order: LogOrder;
  readonly #events: TargetEvents;
  #directory: LogDirectory | undefined;
  #descriptor = -1;
  #inode = "";

  /**
   * @param path The log directory.
   * @param order How it is kept.
   * @param events What the service learns.
   */
  constructor(path: string, order: LogOrder, events: TargetEvents) {
    this.#path = path;
    this.#order = order;
    this.format = order.stamps;
    this.#events = events;
  }

  open(inode: string | undefined, begun: Begun | undefined): boolean {
    makeParents(this.#path);
    const isDone = inode !== undefined && repair(this.#path, inode, begun);
    const { archives, fileSize, totalSize } = this.#order;
    const settings = { ...DEFAULT_SETTINGS, archives, fileSize, totalSize };
    this.#directory = LogDirectory.open(this.#path, settings, this.#events);
    return isDone;
  }

  get limit(): LineLimit {
    const { fileSize } = this.#order;
    return { room: Math.max(fileSize - DEFAULT_SETTINGS.tolerance - this.#directory!.size, 1) };
  }

  get place(): { readonly inode: string; readonly position: number } {
    const { descriptor, size } = this.#directory!;
    // The number of a file that was closed may come again for the next but one: then it is empty.
    if (descriptor !== this.#descriptor || size === 0) this.#inode = inodeOf(descriptor);
    this.#descriptor = descriptor;
    return { inode: this.#inode, position: size };
  }

  get obstacle(): string | undefined {
    const error = this.#directory?.obstacle;
    return error && reasonOf(error);
  }

  write(bytes: Uint8Array<ArrayBuffer>): number {
    return this.#directory!.write(bytes);
  }

  async close(): Promise<void> {
    await this.#directory?.close();
  }
}

/**
 * How many bytes go to a stream at once: so many a pipe takes all or none (PIPE_BUF). Where this process
 * is killed in a write, nothing tells what the reader has got, and all of the write is made again.
 */
const AT_ONCE = 4096;

/** Milliseconds until a stream is tried again. */
const STREAM_RETRY = 1000;

/** Standard output, which all services that have no directory share. */
export class StreamTarget implements LogTarget {
  readonly limit = { atOnce: AT_ONCE };
  readonly place = { inode: "0", position: 0 };
  readonly #fd: number;
  readonly #events: TargetEvents;
  #obstacle: string | undefined;

  /**
   * @param fd The stream: while its reader is slow, all services wait that are logged here.
   * @param format How lines are written.
   * @param events What the service learns.
   */
  constructor(fd: number, readonly format: LineFormat, events: TargetEvents) {
    this.#fd = fd;
    this.#events = events;
  }

  get obstacle(): string | undefined {
    return this.#obstacle;
  }

  open(): boolean {
    return false;
  }

  write(bytes: Uint8Array<ArrayBuffer>): number {
    let at = 0;
    while (at < bytes.length) {
      const count = tryWrite(this.#fd, bytes.subarray(at));
      if (count > 0) at += count;
      // Another process has made the stream non-blocking.
      else if (count === -Errno.EAGAIN) waitWritable(this.#fd);
      else {
        this.#obstacle = reasonOf(new SystemError("write to standard output", -count || Errno.EIO));
        reactor().after(STREAM_RETRY, this.#events.onWritable);
        return at;
      }
    }
    this.#obstacle = undefined;
    return at;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
