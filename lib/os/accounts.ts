/**
 * Users and groups, as the C library knows them.
 *
 * @module
 */

import { libc } from "./libc.ts";
import { cString, decodeOs } from "./os_string.ts";

/** The offsets of the gid in `struct group`, and of the primary gid in `struct passwd`. */
const GROUP_GID = 16;
const PASSWD_GID = 20;

/** Returns the number of a group, by its name; undefined where no group has that name. */
export function groupId(name: string): number | undefined {
  const group = libc.getgrnam(cString(name));
  return group === null ? undefined : new Deno.UnsafePointerView(group).getUint32(GROUP_GID);
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
