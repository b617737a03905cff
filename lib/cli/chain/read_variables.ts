import { readNames } from "../../os/directory.ts";
import { CWD, Descriptor, Open, tryOpen, tryRead } from "../../os/file.ts";
import { Errno, SystemError } from "../../os/system_error.ts";
import { type FileReading, variableOfFile } from "./variable_of_file.ts";

/** How many bytes of a file are read, without -L. */
export const CLAMP = 4095;

/** Reads the beginning of a file; of a FIFO, as s6 does, what comes until its writers are gone. */
function readStart(directory: number, name: string, path: string, limit: number): Uint8Array {
  const fd = tryOpen(directory, name, Open.READ);
  if (fd < 0) throw new SystemError(`read ${path}`, -fd);
  using file = new Descriptor(fd);
  let bytes = new Uint8Array(CLAMP);
  let length = 0;
  while (length < limit) {
    if (length === bytes.length) {
      const larger = new Uint8Array(2 * length);
      larger.set(bytes);
      bytes = larger;
    }
    const count = tryRead(file.fd, bytes.subarray(length));
    if (count < 0) throw new SystemError(`read ${path}`, -count);
    if (count === 0) break;
    length += count;
  }
  return bytes.subarray(0, length);
}

/**
 * Reads the variables that the files of a directory make.
 *
 * @param dir The directory.
 * @param limit How many bytes of a file are read at most.
 * @param loose Whether the directory may be missing, and makes no variables then.
 * @param reading How a file becomes a variable.
 */
export function readVariables(
  dir: string,
  limit: number,
  loose: boolean,
  reading: FileReading,
): [name: string, value: Uint8Array<ArrayBuffer> | undefined][] {
  const fd = tryOpen(CWD, dir, Open.READ | Open.DIRECTORY);
  if (loose && fd === -Errno.ENOENT) return [];
  if (fd < 0) throw new SystemError(`open the directory ${dir}`, -fd);
  using directory = new Descriptor(fd);
  return readNames(directory.fd, dir)
    .filter((name) => !name.startsWith(".") && !name.includes("="))
    .map((name) => [
      name,
      variableOfFile(readStart(directory.fd, name, `${dir}/${name}`, limit), reading),
    ]);
}
