/**
 * The names in a directory, from getdents64(2).
 *
 * @module
 */

import { libc } from "./libc.ts";
import { type CPath, decodeOs } from "./os_string.ts";
import { SystemError } from "./system_error.ts";

const SEEK_SET = 0;

const DIRECTORY_BUFFER = new Uint8Array(16_384);
const TYPE_OFFSET = 18;
const NAME_OFFSET = 19;

/** What a directory says an entry is. Not every file system says it. */
export const EntryType = { UNKNOWN: 0, LINK: 10 } as const;

/**
 * Calls back with each name in a directory that has just been opened, `.` and `..` included, as C
 * has it, and with what it is. The name is good until the callback returns.
 *
 * @param initial Only names that start with this byte.
 */
export function eachName(
  directory: number,
  what: string,
  call: (name: CPath, type: number) => void,
  initial?: number,
): void {
  // One that calls back into here needs a buffer of its own.
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

/** The names in an open directory, from its start, `.` and `..` left out. */
export function readNames(directory: number, what: string): string[] {
  libc.lseek(directory, 0n, SEEK_SET);
  const names: string[] = [];
  eachName(directory, what, (cName) => {
    const entry = decodeOs(cName.subarray(0, -1));
    if (entry !== "." && entry !== "..") names.push(entry);
  });
  return names;
}
