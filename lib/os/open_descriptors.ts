import { readNames } from "./directory.ts";
import { CWD, Descriptor, Open, open } from "./file.ts";

const LISTING = "/proc/self/fd";

/**
 * Lists the descriptors of this process, without the one that this function opens for it.
 *
 * @throws {SystemError} when /proc is not there.
 */
export function openDescriptors(): number[] {
  using listing = new Descriptor(open(CWD, LISTING, Open.READ | Open.DIRECTORY));
  return readNames(listing.fd, LISTING).map(Number).filter((fd) => fd !== listing.fd);
}
