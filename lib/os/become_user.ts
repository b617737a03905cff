/**
 * Giving up the rights of this thread for those of a user and groups.
 *
 * @module
 */

import { effectiveGroupId } from "./credentials.ts";
import { libc } from "./libc.ts";
import { Errno, SystemError } from "./system_error.ts";

/** Whose rights a process is to have; what is absent stays. */
export interface Identity {
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** The supplementary groups. The group itself is put first, as s6 does. */
  readonly groups?: readonly number[] | undefined;
}

/** For setresuid(2) and setresgid(2) this number means "as it is", so it must never get there. */
const AS_IT_IS = 0xffff_ffff;

const arm = Deno.build.arch === "aarch64";
const SYS_setgroups = arm ? 159n : 116n;
const SYS_setresuid = arm ? 147n : 117n;
const SYS_setresgid = arm ? 149n : 119n;

/**
 * Gives this thread, and the program that it becomes, the rights of a user and groups: groups first, the
 * user last, since only a privileged user may change the groups.
 *
 * The real, the effective and the saved id all change, so that nothing can get the former one back. The
 * kernel takes away all capabilities when none of them is root's any more.
 *
 * The other threads are Deno's own, and keep their rights until execve(2) ends them: the caller has to become
 * another program, or to end. The kernel takes the rights of the thread that calls execve(2), and a
 * thread's rights are its own; it is the C library that would interrupt each thread, to have it change, too,
 * which takes a third of a millisecond.
 *
 * @throws {SystemError} when a step fails. What was changed before stays changed: the caller has to end.
 */
export function becomeUser({ uid, gid, groups }: Identity): void {
  if (groups !== undefined) {
    const all = withFirst(gid ?? effectiveGroupId(), groups);
    const numbers = new Uint8Array(new Uint32Array(all).buffer);
    const result = libc.syscall_buffer(SYS_setgroups, BigInt(all.length), numbers);
    if (result !== 0n) throw new SystemError(`set the supplementary groups ${all.join(",")}`);
  }
  if (gid !== undefined) {
    setIds(SYS_setresgid, gid, `the group ${gid}`);
  }
  if (uid !== undefined) {
    setIds(SYS_setresuid, uid, `the user ${uid}`);
  }
}

function setIds(call: bigint, id: number, what: string): void {
  if (id === AS_IT_IS) throw new SystemError(`set ${what}`, Errno.EINVAL);
  const same = BigInt(id);
  if (libc.syscall(call, same, same, same, 0n, 0n) !== 0n) throw new SystemError(`set ${what}`);
}

/** Returns the groups with one of them first, where BSD has the group of the process. */
function withFirst(gid: number, groups: readonly number[]): number[] {
  const at = groups.indexOf(gid);
  return [gid, ...at < 0 ? groups : groups.toSpliced(at, 1)];
}
