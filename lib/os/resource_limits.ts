/**
 * The limits that the kernel puts on a process, and on what it becomes.
 *
 * @module
 */

import { libc } from "./libc.ts";
import { check } from "./system_error.ts";

/** The limits, by what they are on. */
export const Resource = {
  CPU_SECONDS: 0,
  FILE_SIZE: 1,
  DATA: 2,
  STACK: 3,
  CORE: 4,
  RESIDENT: 5,
  PROCESSES: 6,
  OPEN_FILES: 7,
  LOCKED: 8,
  ADDRESS_SPACE: 9,
  REALTIME_PRIORITY: 14,
} as const;

/** "Unlimited". */
export const NO_LIMIT = 0xffff_ffff_ffff_ffffn;

/** A limit of a process. */
export interface Limit {
  /** The one in force. */
  readonly soft: bigint;
  /** How far the soft limit may be raised. */
  readonly hard: bigint;
}

/** Returns a limit of this process. */
export function readLimit(resource: number): Limit {
  const limits = new BigUint64Array(2);
  check(
    libc.prlimit64(0, resource, null, new Uint8Array(limits.buffer)),
    `read limit ${resource}`,
  );
  return { soft: limits[0]!, hard: limits[1]! };
}

/** Sets a limit of this process. */
export function setLimit(resource: number, { soft, hard }: Limit, what: string): void {
  const limits = new Uint8Array(new BigUint64Array([soft, hard]).buffer);
  check(libc.prlimit64(0, resource, limits, null), `set the limit on ${what}`);
}
