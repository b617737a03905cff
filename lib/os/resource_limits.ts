/**
 * The limits that the kernel puts on a process, and on what it becomes.
 *
 * @module
 */

import { compileNow, libc } from "./libc.ts";
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

/** A limit that is to be set. */
export interface LimitChange {
  /** One of {@linkcode Resource}. */
  readonly resource: number;
  /** What is limited, for a message. */
  readonly what: string;
  readonly limit: Limit;
}

/**
 * Prepares limits of this process to be set, one after the other. The setting itself asks V8 for no
 * memory: from the first limit on there may be none.
 *
 * @param changes The limits.
 * @returns A function that sets them. It returns how many it could set: errno has why not the next.
 */
export function prepareLimits(changes: readonly LimitChange[]): () => number {
  const resources = changes.map(({ resource }) => resource);
  const limits = changes.map(({ limit: { soft, hard } }) =>
    new Uint8Array(new BigUint64Array([soft, hard]).buffer)
  );
  compileNow("prlimit64");
  const set = (count: number) => {
    for (let index = 0; index < count; index++) {
      if (libc.prlimit64(0, resources[index]!, limits[index]!, null) !== 0) return index;
    }
    return count;
  };
  // A rehearsal, which sets nothing: V8 compiles what it has not run yet.
  set(0);
  return set.bind(undefined, limits.length);
}
