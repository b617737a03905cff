/**
 * This process's limit on open files.
 *
 * @module
 */

import { libc } from "./libc.ts";
import { check } from "./system_error.ts";

const RLIMIT_NOFILE = 7;

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
