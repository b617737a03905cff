/**
 * The messages of systemd's notification protocol: lines of `NAME=value`.
 *
 * @module
 */

import { decodeOs } from "../../os/os_string.ts";

/** The longest message that is taken, in bytes; systemd takes half as much. */
export const LONGEST_NOTIFICATION = 8192;

/** Returns the assignments in a message, the last of each name. Other lines are skipped. */
export function parseNotification(bytes: Uint8Array): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of decodeOs(bytes).split("\n")) {
    const equals = line.indexOf("=");
    if (equals > 0) fields.set(line.slice(0, equals), line.slice(equals + 1));
  }
  return fields;
}

/** Reads a number of microseconds; returns milliseconds, or undefined where it is not a number. */
export function microseconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) / 1000 : undefined;
}
