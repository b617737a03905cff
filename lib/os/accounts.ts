/**
 * Users and groups, as the C library knows them.
 *
 * @module
 */

import { libc } from "./libc.ts";
import { cString, decodeOs } from "./os_string.ts";
import { Errno, SystemError } from "./system_error.ts";

/** The offsets of the gid in `struct group`, and of what `struct passwd` has. */
const GROUP_GID = 16;
const PASSWD_UID = 16;
const PASSWD_GID = 20;
const PASSWD_HOME = 32;

/** More than either structure has. */
const STRUCT_BYTES = 64;

/** The most groups that a process can have (NGROUPS_MAX), and one; and how many most users have at most. */
const MOST_GROUPS = 65_537;
const USUAL_GROUPS = 64;

/** No group: the last number, which none can have. */
const NO_GROUP = 0xffff_ffff;

/** A user, as the account database has it. */
export interface User {
  readonly uid: number;
  /** The primary group. */
  readonly gid: number;
  /** The home directory. */
  readonly home: string;
}

/**
 * Looks an entry up by its name, where the reason of a failure is told apart from an unknown name.
 *
 * @returns The entry; undefined where there is none. Its pointers lead into `texts`.
 */
function lookUp(
  call: typeof libc.getpwnam_r,
  kind: string,
  name: string,
): { entry: Uint8Array<ArrayBuffer>; texts: Uint8Array<ArrayBuffer> } | undefined {
  if (name.includes("\0")) return undefined;
  for (let size = 4096;; size *= 8) {
    const entry = new Uint8Array(STRUCT_BYTES);
    const texts = new Uint8Array(size);
    const found = new BigUint64Array(1);
    const bytes = new Uint8Array(found.buffer);
    const errno = call(cString(name), entry, texts, BigInt(size), bytes);
    if (errno === Errno.ERANGE && size < 1 << 24) continue;
    if (errno === Errno.EINTR) continue;
    // Where there is no such file as /etc/passwd, it has no such entry.
    if (errno !== 0 && errno !== Errno.ENOENT && errno !== Errno.ESRCH) {
      throw new SystemError(`look up the ${kind} ${name}`, errno);
    }
    return found[0] === 0n ? undefined : { entry, texts };
  }
}

/**
 * Returns a user, by name; undefined where no user has that name.
 *
 * @throws {SystemError} when the account database can't be asked.
 */
export function userNamed(name: string): User | undefined {
  const found = lookUp(libc.getpwnam_r, "user", name);
  if (found === undefined) return undefined;
  const { entry, texts } = found;
  const view = new DataView(entry.buffer);
  return {
    uid: view.getUint32(PASSWD_UID, true),
    gid: view.getUint32(PASSWD_GID, true),
    get home() {
      const start = Deno.UnsafePointer.value(Deno.UnsafePointer.of(texts));
      const home = Number(view.getBigUint64(PASSWD_HOME, true) - start);
      return decodeOs(texts.subarray(home, texts.indexOf(0, home)));
    },
  };
}

/**
 * Returns the number of a group, by its name; undefined where no group has that name.
 *
 * @throws {SystemError} when the group database can't be asked.
 */
export function groupId(name: string): number | undefined {
  const found = lookUp(libc.getgrnam_r, "group", name);
  return found && new DataView(found.entry.buffer).getUint32(GROUP_GID, true);
}

/**
 * Returns the groups that have a user as a member, in the order of the group database: without the
 * primary group, unless that has the user as a member, too.
 *
 * @throws {SystemError} when the user has more groups than a process can have.
 */
export function groupsOf(user: string): number[] {
  for (const most of [USUAL_GROUPS, MOST_GROUPS]) {
    const groups = new Uint32Array(most);
    const count = new Int32Array([most]);
    const result = libc.getgrouplist(
      cString(user),
      // The C library puts this one first, and leaves it out of the rest.
      NO_GROUP,
      new Uint8Array(groups.buffer),
      new Uint8Array(count.buffer),
    );
    if (result < 0) continue;
    const found: number[] = [];
    for (let index = 0; index < count[0]!; index++) {
      const gid = groups[index]!;
      if (gid !== NO_GROUP) found.push(gid);
    }
    return found;
  }
  throw new SystemError(`list the groups of the user ${user}`, Errno.EINVAL);
}

/** Returns the name of a group, by its number; undefined where it has none. */
export function groupName(gid: number): string | undefined {
  const group = libc.getgrgid(gid);
  if (group === null) return undefined;
  const name = new Deno.UnsafePointerView(group).getPointer();
  return name === null ? undefined : text(name);
}

/** Returns the primary group of a user, by the user's number; undefined where there is no such user. */
export function primaryGroup(uid: number): number | undefined {
  const user = libc.getpwuid(uid);
  return user === null ? undefined : new Deno.UnsafePointerView(user).getUint32(PASSWD_GID);
}

function text(pointer: Deno.PointerObject): string {
  const view = new Deno.UnsafePointerView(pointer);
  const bytes: number[] = [];
  for (let at = 0; view.getUint8(at) !== 0; at++) bytes.push(view.getUint8(at));
  return decodeOs(Uint8Array.from(bytes));
}
