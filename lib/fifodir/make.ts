import { realUserId } from "../os/credentials.ts";
import { CWD } from "../os/file.ts";
import { stat } from "../os/file_status.ts";
import { chgrp, chmod, mkdir } from "../os/path.ts";
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
  if (!mkdir(CWD, fifodir, 0o700)) {
    const { type, uid } = stat(CWD, fifodir);
    const attempt = `use ${fifodir} as a fifodir`;
    if (uid !== realUserId()) throw new SystemError(attempt, Errno.EACCES);
    if (type !== "directory") throw new SystemError(attempt, Errno.ENOTDIR);
    if (!options.force) return;
  }
  if (options.group !== undefined) chgrp(CWD, fifodir, options.group);
  chmod(CWD, fifodir, options.group === undefined ? FifodirMode.public : FifodirMode.group);
}
