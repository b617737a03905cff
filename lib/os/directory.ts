/**
 * The names in a directory, from getdents64(2).
 *
 * @module
 */

import { libc } from "./libc.ts";
import { type CPath, decodeCString } from "./os_string.ts";
import { SystemError } from "./system_error.ts";

const SEEK_SET = 0;

const DIRECTORY_BUFFER = new Uint8Array(16_384);
const TYPE_OFFSET = 18;
const NAME_OFFSET = 19;

/** The type of an entry, as the directory has it: `UNKNOWN` where the file system keeps no types. */
export const EntryType = { UNKNOWN: 0, FIFO: 1, DIRECTORY: 4, LINK: 10 } as const;

/**
 * Calls back with each name in a directory, `.` and `..` included, as C has it, and with its type.
 *
 * Comes to an end, because the kernel only goes forward: names that are added meanwhile may come or not.
 *
 * @param directory The directory, which has just been opened.
 * @param what What it is, for an error.
 * @param call Gets a name, which is only valid until it returns.
 * @param initial Only names that start with this byte.
 */
export function eachName(
  directory: number,
  what: string,
  call: (name: CPath, type: number) => void,
  initial?: number,
): void {
  // A callback that lists another directory needs a second buffer.
  const buffer = directoryBufferInUse ? new Uint8Array(8192) : DIRECTORY_BUFFER;
  const wasInUse = directoryBufferInUse;
  directoryBufferInUse = true;
  try {
    for (;;) {
      const count = libc.getdents64(directory, buffer, buffer.length);
      if (count < 0) throw new SystemError(`list ${what}`);
      if (count === 0) return;
      for (let at = 0; at < count;) {
        const name = at + NAME_OFFSET;
        const type = buffer[at + TYPE_OFFSET]!;
        at += buffer[at + 16]! + 256 * buffer[at + 17]!;
        if (initial !== undefined && buffer[name] !== initial) continue;
        call(buffer.subarray(name, buffer.indexOf(0, name) + 1), type);
      }
    }
  } finally {
    directoryBufferInUse = wasInUse;
  }
}

let directoryBufferInUse = false;

/** Returns the names in an open directory, from its start, without `.` and `..`. */
export function readNames(directory: number, what: string): string[] {
  libc.lseek(directory, 0n, SEEK_SET);
  const names: string[] = [];
  eachName(directory, what, (cName) => {
    const entry = decodeCString(cName);
    if (entry !== "." && entry !== "..") names.push(entry);
  });
  return names;
}
