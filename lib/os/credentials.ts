/**
 * The user and the group of this process.
 *
 * @module
 */

import { libc } from "./libc.ts";

/** Returns the user that started this process. */
export function realUserId(): number {
  return libc.getuid();
}

/** Returns the user whose rights this process has. */
export function effectiveUserId(): number {
  return libc.geteuid();
}

/** Returns the group whose rights this process has, and that its new files get. */
export function effectiveGroupId(): number {
  return libc.getegid();
}
