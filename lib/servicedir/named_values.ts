/**
 * Files beside the status file that s6 does not know: lines `NAME=value` about one process of the
 * service, whose process id is the value of `PID`.
 *
 * @module
 */

import { readFile, replaceFile } from "../os/file.ts";
import { exists } from "../os/path.ts";
import { type CPath, decodeOs, encodeOs } from "../os/os_string.ts";
import { NEW_FILE } from "./protocol.ts";

/**
 * Writes such a file.
 *
 * @param directory The service directory, open; or `CWD`.
 * @param file The file's path there.
 * @param values The values by their names; no value has a line break.
 */
export function writeNamedValues(
  directory: number,
  file: string,
  values: Readonly<Record<string, string | number>>,
): void {
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`);
  replaceFile(directory, file, `${file}${NEW_FILE}`, encodeOs(lines.join("")));
}

/**
 * Reads such a file.
 *
 * @param directory The service directory, open; or `CWD`.
 * @param path The file's path there.
 * @param limit How many bytes of it are read at most.
 * @param pid The process: a file about another one is out of date.
 * @returns The values by their names; undefined where there is no file about the process.
 */
export function readNamedValues(
  directory: number,
  path: string | CPath,
  limit: number,
  pid: number,
): ReadonlyMap<string, string> | undefined {
  let text: string;
  try {
    // Looking first is cheaper: the first exception of a process costs a millisecond.
    if (!exists(directory, path)) return undefined;
    text = decodeOs(readFile(directory, path, limit));
  } catch {
    // An extra file that can't be read must not hide the rest of the status.
    return undefined;
  }
  const values = new Map(
    text.split("\n").map((line) => {
      const equals = line.indexOf("=");
      return [line.slice(0, equals), line.slice(equals + 1)];
    }),
  );
  return values.get("PID") === String(pid) ? values : undefined;
}

/** Returns a value that is a whole number; 0 where it is none, or missing. */
export function wholeNumber(values: ReadonlyMap<string, string>, name: string): number {
  const value = values.get(name) ?? "";
  return /^\d{1,15}$/.test(value) ? Number(value) : 0;
}
