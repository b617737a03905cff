/**
 * Files beside the status that s6 does not know: lines `NAME=value` on one process of the service, whose
 * number is their `PID`.
 *
 * @module
 */

import { readFile, replaceFile } from "../os/file.ts";
import { exists } from "../os/path.ts";
import { decodeOs, encodeOs } from "../os/os_string.ts";
import { NEW_FILE } from "./protocol.ts";

/**
 * Writes such a file.
 *
 * @param directory The service directory, open; or `CWD`.
 * @param file The file's path there.
 * @param values What to write, without line breaks.
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
 * @param limit How many bytes of it count.
 * @param pid The process. What is said of another counts for nothing.
 * @returns The values by their names; undefined where nothing is said of the process.
 */
export function readNamedValues(
  directory: number,
  path: string,
  limit: number,
  pid: number,
): ReadonlyMap<string, string> | undefined {
  let text: string;
  try {
    // An exception takes a millisecond of a start.
    if (!exists(directory, path)) return undefined;
    text = decodeOs(readFile(directory, path, limit));
  } catch {
    // Most services have no such file, and one that can't be read is not worth an error.
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
