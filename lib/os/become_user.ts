/**
 * Giving up the rights of this process for those of a user and groups.
 *
 * @module
 */

import { effectiveGroupId } from "./credentials.ts";
import { libc } from "./libc.ts";
import { check, Errno, SystemError } from "./system_error.ts";

/** Whose rights a process is to have; what is absent stays. */
export interface Identity {
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** The supplementary groups. The group itself is put first, as s6 does. */
  readonly groups?: readonly number[] | undefined;
}

/** For setresuid(2) and setresgid(2) this number means "as it is", so it must never get there. */
const AS_IT_IS = 0xffff_ffff;

/**
 * Gives this process, all its threads and what it becomes the rights of a user and groups: groups first,
 * the user last, since only a privileged user may change the groups.
 *
 * The real, the effective and the saved id all change, so that nothing can get the former one back. The
 * kernel takes away all capabilities when none of them is root's any more.
 *
 * @throws {SystemError} when a step fails. What was changed before stays changed: the caller has to end.
 */
export function becomeUser({ uid, gid, groups }: Identity): void {
  if (groups !== undefined) {
    const all = withFirst(gid ?? effectiveGroupId(), groups);
    const numbers = new Uint32Array(all);
    check(
      libc.setgroups(BigInt(all.length), new Uint8Array(numbers.buffer)),
      `set the supplementary groups ${all.join(",")}`,
    );
  }
  if (gid !== undefined) {
    const attempt = `set the group ${gid}`;
    if (gid === AS_IT_IS) throw new SystemError(attempt, Errno.EINVAL);
    check(libc.setresgid(gid, gid, gid), attempt);
  }
  if (uid !== undefined) {
    const attempt = `set the user ${uid}`;
    if (uid === AS_IT_IS) throw new SystemError(attempt, Errno.EINVAL);
    check(libc.setresuid(uid, uid, uid), attempt);
  }
}

/** Returns the groups with one of them first, where BSD has the group of the process. */
function withFirst(gid: number, groups: readonly number[]): number[] {
  const at = groups.indexOf(gid);
  return [gid, ...at < 0 ? groups : groups.toSpliced(at, 1)];
}
