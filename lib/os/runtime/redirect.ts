/**
 * Pointing a standard descriptor elsewhere.
 *
 * At its start the runtime duplicates descriptors 0 to 2 for `Deno.stdin` and so on, and keeps the
 * copies. A pipe or a socket is only closed when every descriptor of it is, so the copies have to go
 * where the original goes.
 *
 * Remove when Deno keeps no copies of the standard descriptors.
 *
 * @module
 */

import { replaceDescriptor, setInherited } from "../descriptor.ts";
import { fstat } from "../file_status.ts";
import { openDescriptors } from "../open_descriptors.ts";

/**
 * Points a standard descriptor, and the runtime's copies of it, elsewhere.
 *
 * @param target The standard descriptor.
 * @param source The descriptor that it becomes a copy of.
 */
export function redirect(target: number, source: number): void {
  for (const copy of copies(target)) {
    if (copy === source) continue;
    replaceDescriptor(copy, source);
    setInherited(copy, false);
  }
  replaceDescriptor(target, source);
}

/** Returns the other descriptors of the same pipe, FIFO or socket. */
function copies(fd: number): number[] {
  const { type, identity } = fstat(fd);
  if (type !== "fifo" && type !== "socket") return [];
  return openDescriptors().filter((other) => {
    if (other <= 2) return false;
    try {
      return fstat(other).identity === identity;
    } catch {
      return false;
    }
  });
}
