import { libc } from "./libc.ts";

/**
 * Whether a byte is among the first `length` bytes. memchr(3) looks at 16 or more of them at once,
 * `indexOf` at one.
 */
export function hasByte(bytes: Uint8Array<ArrayBuffer>, byte: number, length: number): boolean {
  return libc.memchr(bytes, byte, length) !== null;
}
