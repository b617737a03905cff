import { readNames } from "../../os/directory.ts";
import { CWD, Descriptor, Open, open } from "../../os/file.ts";
import { stat } from "../../os/file_status.ts";
import { Access, accessErrno } from "../../os/path.ts";
import { errnoMessage, reasonOf } from "../../os/system_error.ts";

/** Called with something that is wrong. */
export type Report = (message: string) => void;

/**
 * Finds what could not be copied of a directory with all that is in it.
 *
 * @param root The path of the directory, or of a symbolic link, which would be copied as a link.
 * @param error Called with each thing that can't be copied.
 * @param warn Called with each thing that would be left out.
 */
export function findTreeFaults(root: string, error: Report, warn: Report): void {
  const left = [root];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    try {
      const { type } = stat(CWD, path, false);
      if (type === "device") error(`${path} is a device, which is not copied; remove it`);
      else if (type === "socket") warn(`${path} is a socket: it will be left out`);
      else if (type === "directory") {
        using directory = new Descriptor(open(CWD, path, Open.READ | Open.DIRECTORY));
        for (const name of readNames(directory.fd, path).sort().reverse()) {
          left.push(`${path}/${name}`);
        }
      } else if (type === "file") {
        const errno = accessErrno(CWD, path, Access.READ);
        if (errno !== 0) error(`cannot read ${path}: ${errnoMessage(errno)}`);
      }
    } catch (reason) {
      error(reasonOf(reason));
    }
  }
}
