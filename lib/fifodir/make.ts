import { effectiveUserId, realUserId } from "../os/credentials.ts";
import { CWD, Descriptor } from "../os/file.ts";
import { fstat, stat } from "../os/file_status.ts";
import { openOwnDirectory } from "../os/open_own.ts";
import { mkdir } from "../os/path.ts";
import { setGroup, setMode } from "../os/rights.ts";
import { Errno, SystemError } from "../os/system_error.ts";
import { FifodirMode } from "./names.ts";

/** How {@linkcode makeFifodir} makes a fifodir. */
export interface MakeFifodirOptions {
  /**
   * The group whose members may listen, by number.
   *
   * @default {undefined} Anyone may listen.
   */
  readonly group?: number;
  /**
   * Whether to set the rights of a fifodir that exists already.
   *
   * @default {false}
   */
  readonly force?: boolean;
}

/**
 * Makes a fifodir: a directory where listeners put FIFOs and a notifier writes events to them.
 *
 * Its mode is 01733 (anyone may listen), or 03730 where a group is named. One that exists and
 * belongs to the caller is left as it is, unless `force` is given.
 *
 * Follows s6's `s6-mkfifodir`.
 *
 * Permissions: `ffi`.
 *
 * @param fifodir Path of the fifodir.
 * @param options Who may listen.
 * @throws {SystemError} when it can't be made, belongs to another user, or is no directory.
 *
 * @example
 * ```ts
 * import { makeFifodir } from "@sv/supervise";
 *
 * makeFifodir(Deno.makeTempDirSync() + "/event");
 * ```
 */
export function makeFifodir(fifodir: string, options: MakeFifodirOptions = {}): void {
  makeFifodirAt(CWD, fifodir, options);
}

/**
 * Makes a fifodir: as {@linkcode makeFifodir}.
 *
 * @param at The directory that the path is relative to, open; or `CWD`.
 * @param fifodir Path of the fifodir.
 * @param options Who may listen.
 */
export function makeFifodirAt(at: number, fifodir: string, options: MakeFifodirOptions = {}): void {
  if (!mkdir(at, fifodir, 0o700)) {
    const { type, uid } = stat(at, fifodir);
    const attempt = `use ${fifodir} as a fifodir`;
    if (uid !== realUserId()) throw new SystemError(attempt, Errno.EACCES);
    if (type !== "directory") throw new SystemError(attempt, Errno.ENOTDIR);
    if (!options.force) return;
  }
  using directory = new Descriptor(openOwnDirectory(at, fifodir));
  // Another user may have put his own in its place by now.
  if (fstat(directory.fd).uid !== effectiveUserId()) {
    throw new SystemError(`use ${fifodir} as a fifodir`, Errno.EACCES);
  }
  if (options.group !== undefined) setGroup(directory.fd, options.group, fifodir);
  const mode = options.group === undefined ? FifodirMode.public : FifodirMode.group;
  setMode(directory.fd, mode, fifodir);
}
