/**
 * Numbers of users and groups, as arguments and variables have them.
 *
 * @module
 */

import { MAX_UNSIGNED } from "../../os/limits.ts";

/** The variables that hold an identity between `envuidgid` and `applyuidgid`. */
export const IDENTITY_VARIABLES = ["UID", "GID", "GIDLIST"] as const;

/** Returns the number of a user or group; undefined where the text is none. */
export function parseId(text: string): number | undefined {
  const id = /^\d+$/.test(text) ? Number(text) : NaN;
  return id <= MAX_UNSIGNED ? id : undefined;
}

/**
 * Returns the numbers of a list, with commas between them, or anything else that s6 takes for a
 * separator; undefined where something in it is no number.
 */
export function parseIds(text: string): number[] | undefined {
  const words = text.replace(/[,:; \t\r\n]+$/, "").split(/[,:; \t\r\n]+/);
  if (words.length === 1 && words[0] === "") return text === "" ? [] : undefined;
  const ids = words.map(parseId).filter((id) => id !== undefined);
  return ids.length === words.length ? ids : undefined;
}
