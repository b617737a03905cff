/**
 * The conditions under which a process runs, which those that it starts inherit: umask, niceness, limits.
 *
 * @module
 */

import { effectiveUserId } from "./credentials.ts";
import { CWD, readFile } from "./file.ts";
import { libc } from "./libc.ts";
import { decodeOs } from "./os_string.ts";
import { check } from "./system_error.ts";

const RLIMIT_NOFILE = 7;
/** How many limits the kernel knows. */
export const LIMITS = 16;
const PRIO_PROCESS = 0;
const CAP_SYS_RESOURCE = 24n;

/** A limit of the kernel's. */
export interface Limit {
  /** The limit in force. */
  readonly soft: bigint;
  /** How far the process may raise it. */
  readonly hard: bigint;
}

/** The conditions under which a process runs. */
export interface Conditions {
  /** The permissions that its new files don't get. */
  readonly umask: number;
  /** Its niceness, from -20 to 19. */
  readonly niceness: number;
  /** Its limits, by their numbers. */
  readonly limits: readonly Limit[];
}

function limitsOf(pid: number): Limit[] {
  return Array.from({ length: LIMITS }, (_, number) => {
    const limits = new BigUint64Array(2);
    const bytes = new Uint8Array(limits.buffer);
    check(libc.prlimit64(pid, number, null, bytes), `read the limits of process ${pid}`);
    return { soft: limits[0]!, hard: limits[1]! };
  });
}

/** Sets a limit of a process; returns whether that is allowed. */
function setLimit(pid: number, number: number, { soft, hard }: Limit): boolean {
  const limits = new BigUint64Array([soft, hard]);
  return libc.prlimit64(pid, number, new Uint8Array(limits.buffer), null) === 0;
}

/** Returns conditions with another soft limit on open files. */
export function withOpenFiles(conditions: Conditions, soft: number | undefined): Conditions {
  if (soft === undefined) return conditions;
  const limits = conditions.limits.map(({ soft: former, hard }, number) => ({
    soft: number === RLIMIT_NOFILE ? BigInt(soft) : former,
    hard,
  }));
  return { ...conditions, limits };
}

/** Returns this process's conditions. For an instant it has another umask. */
export function ownConditions(): Conditions {
  const umask = libc.umask(0o077);
  libc.umask(umask);
  return { umask, niceness: libc.getpriority(PRIO_PROCESS, 0), limits: limitsOf(0) };
}

/** Returns the conditions of another process of the same user, or of any where this user is root. */
export function conditionsOf(pid: number): Conditions {
  const status = decodeOs(readFile(CWD, `/proc/${pid}/status`));
  const umask = parseInt(/^Umask:\s+([0-7]+)$/m.exec(status)?.[1] ?? "22", 8);
  return { umask, niceness: libc.getpriority(PRIO_PROCESS, pid), limits: limitsOf(pid) };
}

/** Whether this process may raise a hard limit again that it has lowered. */
function mayRaise(): boolean {
  const status = decodeOs(readFile(CWD, "/proc/self/status"));
  const effective = BigInt(`0x${/^CapEff:\s+([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  return (effective >> CAP_SYS_RESOURCE & 1n) === 1n;
}

/** Changes this process's niceness, as far as root may. Who is not root could not change it back. */
function setNiceness(niceness: number): void {
  if (effectiveUserId() === 0) libc.setpriority(PRIO_PROCESS, 0, niceness);
}

/** Applies conditions to this process. Where a hard limit has to stay, the soft one keeps within it. */
function apply({ umask, niceness, limits }: Conditions, own: Conditions, hardToo: boolean): void {
  libc.umask(umask);
  if (niceness !== own.niceness) setNiceness(niceness);
  limits.forEach(({ soft, hard }, number) => {
    const present = own.limits[number]!;
    if (soft === present.soft && hard === present.hard) return;
    if (hardToo && setLimit(0, number, { soft, hard })) return;
    setLimit(0, number, {
      soft: soft < present.hard ? soft : present.hard,
      hard: present.hard,
    });
  });
}

/** Undoes what {@linkcode apply} has done. */
function restore(own: Conditions, applied: Conditions): void {
  libc.umask(own.umask);
  if (applied.niceness !== own.niceness) setNiceness(own.niceness);
  own.limits.forEach((limit, number) => {
    const { soft, hard } = applied.limits[number]!;
    if (soft !== limit.soft || hard !== limit.hard) setLimit(0, number, limit);
  });
}

/**
 * Starts a process under other conditions than this one's, as far as this user may: this process has them
 * while it starts it.
 *
 * @param conditions The conditions.
 * @param start Starts the process at once, and returns it.
 */
export function startUnder<Started extends { readonly pid: number }>(
  conditions: Conditions,
  start: () => Started,
): Started {
  const own = ownConditions();
  const differs = conditions.limits.some(({ hard }, number) => hard !== own.limits[number]!.hard);
  const hardToo = differs && mayRaise();
  apply(conditions, own, hardToo);
  let started: Started;
  try {
    started = start();
  } finally {
    restore(own, conditions);
  }
  // A hard limit that this process could not raise again is lowered for the new one alone.
  if (differs && !hardToo) {
    conditions.limits.forEach((limit, number) => {
      if (limit.hard < own.limits[number]!.hard) setLimit(started.pid, number, limit);
    });
  }
  return started;
}
