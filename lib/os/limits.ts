/**
 * The limit on open files. The `deno` command raises the soft one to the hard one for itself; what
 * this program starts must get the limit that this program was started with.
 *
 * @module
 */

import { restoreLaunchEnvironment } from "./runtime/launch.ts";
import { libc } from "./libc.ts";
import { check } from "./system_error.ts";

const RLIMIT_NOFILE = 7;

/** How many files may be open: the limit in force, and how far it may be raised. */
export interface OpenFiles {
  /** The limit in force. */
  readonly soft: bigint;
  /** How far it may be raised. */
  readonly hard: bigint;
}

/** Reads this process's limit on open files. */
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

/**
 * The soft limit on open files that this program was started with, where the runtime has raised it;
 * undefined where the limit in force is that one.
 */
export function softLimitAtStart(): number | undefined {
  const { softNofile } = restoreLaunchEnvironment();
  if (softNofile !== undefined) return softNofile;
  // A compiled executable leaves its limits alone.
  if (Deno.build.standalone) return undefined;
  try {
    // Started through the `deno` command without a launcher: the parent's limit is what it was given.
    const parent = Deno.readTextFileSync(`/proc/${Deno.ppid}/limits`);
    const [, soft, hard] = /^Max open files +(\d+) +(\d+)/m.exec(parent) ?? [];
    const own = openFiles();
    return BigInt(hard ?? -1) === own.hard && BigInt(soft!) < own.soft ? Number(soft) : undefined;
  } catch {
    return undefined;
  }
}
