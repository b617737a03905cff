/**
 * The umask, niceness and limits that services get from the scan: a text in the file that it keeps locked.
 * Scripts that a command runs get the same, whoever typed the command.
 *
 * @module
 */

import {
  type Conditions,
  conditionsOf,
  type Limit,
  LIMITS,
  ownConditions,
  withOpenFiles,
} from "../os/conditions.ts";
import { effectiveUserId } from "../os/credentials.ts";
import { CWD, Descriptor, Open, open, tryRead, writeAll } from "../os/file.ts";
import { fstat } from "../os/file_status.ts";
import { lockingProcess } from "../os/lock.ts";
import { decodeOs, encodeOs } from "../os/os_string.ts";
import { isSv } from "./is_sv.ts";
import { ScanPath } from "./protocol.ts";

const LONGEST = 4096;

/** What ends the text: what a former scan has left may follow. */
const END = "end\n";

/** Returns the text of conditions. */
export function formatConditions({ umask, niceness, limits }: Conditions): string {
  const lines = limits.map(({ soft, hard }) => `limit ${soft} ${hard}\n`);
  return `umask ${umask}\nniceness ${niceness}\n${lines.join("")}${END}`;
}

/** Returns the conditions at the beginning of a text; undefined where it has none. */
export function parseConditions(text: string): Conditions | undefined {
  const [, umask, niceness, rest] = /^umask (\d+)\nniceness (-?\d+)\n((?:limit \d+ \d+\n)*)end\n/
    .exec(text) ?? [];
  if (umask === undefined || Number(umask) > 0o777 || Math.abs(Number(niceness)) > 20) {
    return undefined;
  }
  const parsed = [...rest!.matchAll(/^limit (\d+) (\d+)$/gm)].map(([, soft, hard]): Limit => ({
    soft: BigInt(soft!),
    hard: BigInt(hard!),
  }));
  const sound = parsed.length === LIMITS &&
    parsed.every(({ soft, hard }) => soft <= hard && hard < 1n << 64n);
  return sound ? { umask: Number(umask), niceness: Number(niceness), limits: parsed } : undefined;
}

/**
 * Writes the conditions of the scan, which is this process, into the file that it has locked, where that was
 * opened or written last.
 *
 * @param lock The file.
 * @param softNofile The soft limit on open files that services get, where it is not this process's own.
 */
export function writeScanConditions(lock: number, softNofile: number | undefined): void {
  const text = formatConditions(withOpenFiles(ownConditions(), softNofile));
  writeAll(lock, encodeOs(text), ScanPath.lock);
}

/**
 * Returns the conditions that services get from the scan, of `sv` or of s6, that runs on a directory;
 * undefined where none runs there, or they can't be found out.
 *
 * @param scandir The scan directory.
 */
export function readScanConditions(scandir: string): Conditions | undefined {
  try {
    const path = `${scandir}/${ScanPath.lock}`;
    using lock = new Descriptor(open(CWD, path, Open.READ | Open.NONBLOCK));
    const pid = lockingProcess(lock.fd, path);
    if (pid !== undefined) return conditionsOf(pid);
    return isSv(scandir, ScanPath) ? readNoted(lock.fd) : undefined;
  } catch {
    // There is no scan, or it belongs to another user.
    return undefined;
  }
}

function readNoted(file: number): Conditions | undefined {
  const { type, uid } = fstat(file);
  // Another user must not decide on the umask of this one's scripts.
  if (type !== "file" || (uid !== 0 && uid !== effectiveUserId())) return undefined;
  const buffer = new Uint8Array(LONGEST);
  const count = tryRead(file, buffer);
  return count < 0 ? undefined : parseConditions(decodeOs(buffer.subarray(0, count)));
}
