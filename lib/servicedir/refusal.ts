/**
 * What a scan notes where it can't supervise a service because another supervisor has it: a file of one
 * line in the service's `supervise`, the path of the scan directory. It is true for as long as that scan
 * runs and its lock on the service is another's; whoever takes the service removes it.
 *
 * @module
 */

import { CWD, readFile, replaceFile } from "../os/file.ts";
import { exists, readLink, unlink } from "../os/path.ts";
import { cString, decodeOs, encodeOs } from "../os/os_string.ts";
import { NEW_FILE, SupervisePath } from "./protocol.ts";

const LONGEST = 4096;
const REFUSED = cString(SupervisePath.refused);

/** Notes that the scan of the working directory was refused a service. Where it can't, nothing is lost. */
export function noteRefusal(dir: string): void {
  const path = `${dir}/${SupervisePath.refused}`;
  try {
    const scan = readLink(CWD, "/proc/self/cwd");
    if (scan !== null) replaceFile(CWD, path, path + NEW_FILE, encodeOs(`${scan}\n`));
  } catch {
    // The warning has it, too.
  }
}

/** Removes the note: the service is this process's. */
export function dropRefusal(directory: number): void {
  unlink(directory, REFUSED);
}

/**
 * Returns the scan directory of the scan that was refused a service last; undefined where none was.
 *
 * @param directory The service directory, open.
 */
export function readRefusal(directory: number): string | undefined {
  try {
    if (!exists(directory, REFUSED)) return undefined;
    return decodeOs(readFile(directory, REFUSED, LONGEST)).replace(/\n$/, "");
  } catch {
    return undefined;
  }
}
