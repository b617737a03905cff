/**
 * The names of listeners' FIFOs in a fifodir.
 *
 * @module
 */

/** What the name of every listener's FIFO starts with. */
export const LISTENER_PREFIX = "ftrig1:@";

/** How long the name of every listener's FIFO is: prefix, 24 hexadecimal digits, `:`, 6 characters. */
export const LISTENER_NAME_LENGTH = 39;

/** The first byte of the name of every listener's FIFO. */
export const LISTENER_INITIAL = 0x66;

const prefix = new TextEncoder().encode(LISTENER_PREFIX);

/**
 * Whether this is the name of a listener's FIFO.
 *
 * @param name The name, as C has it.
 * @param significant How many of its first characters matter.
 */
export function isListener(name: Uint8Array, significant: number = prefix.length): boolean {
  if (name.length !== LISTENER_NAME_LENGTH + 1) return false;
  for (let at = 0; at < significant; at++) {
    if (name[at] !== prefix[at]) return false;
  }
  return true;
}
