import { CWD, Descriptor, Open, tryOpen } from "../os/file.ts";
import { isLocked } from "../os/lock.ts";
import { lockHolder } from "../os/lock_holder.ts";
import { processCommand } from "../os/process_family.ts";
import { ScanPath, SupervisePath } from "../servicedir/protocol.ts";
import { readRefusal } from "../servicedir/refusal.ts";
import type { Rival } from "./facts.ts";

/** Opens a lock file and calls back with it; returns undefined where it is not there, or not for us. */
function withLock<T>(path: string, call: (fd: number) => T): T | undefined {
  const fd = tryOpen(CWD, path, Open.READ | Open.NONBLOCK);
  if (fd < 0) return undefined;
  using lock = new Descriptor(fd);
  return call(lock.fd);
}

/** Returns whether a scan runs on a directory; undefined where none ever has. */
export function scanAt(directory: string): { directory: string; runs: boolean } | undefined {
  const path = `${directory}/${ScanPath.lock}`;
  return withLock(path, (fd) => ({ directory, runs: isLocked(fd, path) }));
}

/** Returns what keeps a scan from supervising a service of its own; undefined where nothing does. */
export function readRival(dir: string): Rival | undefined {
  const scan = readRefusal(dir);
  if (scan === undefined || !scanAt(scan)?.runs) return undefined;
  const path = `${dir}/${SupervisePath.lock}`;
  const pid = withLock(path, (fd) => lockHolder(fd, path));
  if (pid === undefined) return { scan };
  return { scan, holder: { pid, command: processCommand(pid) ?? "?" } };
}
