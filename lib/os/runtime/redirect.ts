import { replaceDescriptor, setInherited } from "../descriptor.ts";
import { readNames } from "../directory.ts";
import { CWD, Descriptor, Open, open } from "../file.ts";
import { fstat } from "../file_status.ts";

/**
 * Points a standard descriptor elsewhere, and with it the copies that the runtime keeps: a pipe
 * or a socket is only closed when every descriptor of it is.
 *
 * @param target The standard descriptor.
 * @param source What it is to be.
 */
export function redirect(target: number, source: number): void {
  for (const copy of copies(target)) {
    if (copy === source) continue;
    replaceDescriptor(copy, source);
    setInherited(copy, false);
  }
  replaceDescriptor(target, source);
}

/** The other descriptors of the same pipe, FIFO or socket. */
function copies(fd: number): number[] {
  const { type, identity } = fstat(fd);
  if (type !== "fifo" && type !== "socket") return [];
  using listing = new Descriptor(open(CWD, "/proc/self/fd", Open.READ | Open.DIRECTORY));
  return readNames(listing.fd, "/proc/self/fd").map(Number).filter((other) => {
    if (other <= 2 || other === listing.fd) return false;
    try {
      return fstat(other).identity === identity;
    } catch {
      return false;
    }
  });
}
