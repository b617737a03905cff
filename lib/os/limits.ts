/**
 * Limits of the kernel's, and this process's limit on open files.
 *
 * @module
 */

import { libc } from "./libc.ts";
import { check } from "./system_error.ts";

const RLIMIT_NOFILE = 7;

/** The highest number of C's type `int`, which process ids and descriptors have. */
export const MAX_INT = 0x7fff_ffff;

/** The highest number of C's type `unsigned int`, which group ids have, and s6's times and limits. */
export const MAX_UNSIGNED = 0xffff_ffff;

/** How many bytes the kernel writes to a pipe or FIFO as one piece at most (PIPE_BUF). */
export const PIPE_BUF = 4096;

/** More than the limit on open files is anywhere. */
export const MORE_THAN_OPEN_FILES = 1 << 20;

/** A limit on open files. */
export interface OpenFiles {
  /** The limit in force. */
  readonly soft: bigint;
  /** How far it may be raised. */
  readonly hard: bigint;
}

/** Returns this process's limit on open files. */
export function openFiles(): OpenFiles {
  const limits = new BigUint64Array(2);
  check(
    libc.prlimit64(0, RLIMIT_NOFILE, null, new Uint8Array(limits.buffer)),
    "read the limit on open files",
  );
  return { soft: limits[0]!, hard: limits[1]! };
}

/** Sets this process's soft limit on open files, no higher than the hard one. */
export function setSoftOpenFiles(soft: number | bigint): void {
  const { hard } = openFiles();
  const wanted = BigInt(soft) < hard ? BigInt(soft) : hard;
  const limits = new BigUint64Array([wanted, hard]);
  check(
    libc.prlimit64(0, RLIMIT_NOFILE, new Uint8Array(limits.buffer), null),
    `set the limit on open files to ${wanted}`,
  );
}
