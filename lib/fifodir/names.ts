/**
 * The names of the listeners' FIFOs in a fifodir, and the modes of a fifodir.
 *
 * @module
 */

import { EntryType } from "../os/directory.ts";
import { encodeOs } from "../os/os_string.ts";
import { formatTai64n, type Instant } from "../tai/tai64n.ts";

/** What the name of every listener's FIFO starts with, by which s6-cleanfifodir knows it. */
export const LISTENER_KIND = "ftrig1";

/** What the name of every listener's FIFO starts with, by which a notifier knows it. */
export const LISTENER_PREFIX = `${LISTENER_KIND}:@`;

/** How long the name of every listener's FIFO is: prefix, 24 hexadecimal digits, `:`, 6 characters. */
export const LISTENER_NAME_LENGTH = 39;

/** The first byte of the name of every listener's FIFO. */
export const LISTENER_INITIAL = 0x66;

/** The mode of a fifodir, by the users who may listen there. */
export const FifodirMode = {
  /** All. */
  public: 0o1733,
  /** The members of the fifodir's group. */
  group: 0o3730,
} as const;

const RANDOM_CHARACTERS = 6;
const ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

// Not by TextEncoder: Deno would have to load it first.
const prefix = encodeOs(LISTENER_PREFIX);

/**
 * Returns a name for a new listener's FIFO.
 *
 * @param now The time, which is a part of the name.
 */
export function newListenerName(now: Instant): string {
  const random = Array.from(
    crypto.getRandomValues(new Uint8Array(RANDOM_CHARACTERS)),
    (byte) => ALPHABET[byte % ALPHABET.length],
  );
  return `${LISTENER_KIND}:${formatTai64n(now)}:${random.join("")}`;
}

/** Whether an entry of a directory may be a FIFO, by the type that the directory has of it. */
export function maybeFifo(type: number): boolean {
  return type === EntryType.FIFO || type === EntryType.UNKNOWN;
}

/**
 * Returns whether this is the name of a listener's FIFO.
 *
 * @param name The name, with the NUL that ends it.
 * @param significant How many of its first characters are compared with the prefix.
 */
export function isListener(name: Uint8Array, significant: number = prefix.length): boolean {
  if (name.length !== LISTENER_NAME_LENGTH + 1) return false;
  for (let at = 0; at < significant; at++) {
    if (name[at] !== prefix[at]) return false;
  }
  return true;
}
