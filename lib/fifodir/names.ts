/**
 * The names of listeners' FIFOs in a fifodir.
 *
 * @module
 */

/** What the name of every listener's FIFO starts with. */
export const LISTENER_PREFIX = "ftrig1:@";

/** How long the name of every listener's FIFO is: prefix, 24 hexadecimal digits, `:`, 6 characters. */
export const LISTENER_NAME_LENGTH = 39;

/** Whether this is the name of a listener's FIFO. */
export function isListener(name: string): boolean {
  return name.length === LISTENER_NAME_LENGTH && name.startsWith(LISTENER_PREFIX);
}
