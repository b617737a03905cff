import { Descriptor, Open, tryOpen } from "../os/file.ts";
import { lockHolder } from "../os/lock_holder.ts";
import { processCommand } from "../os/process_family.ts";
import { SupervisePath } from "../servicedir/protocol.ts";
import { readRefusal } from "../servicedir/refusal.ts";
import type { Rival } from "./facts.ts";
import { scanRuns } from "./scan_runs.ts";

/**
 * Returns what keeps a scan from supervising a service of its own; undefined where nothing does.
 *
 * @param directory The service directory, open.
 * @param dir Its path.
 */
export function readRival(directory: number, dir: string): Rival | undefined {
  const scan = readRefusal(directory);
  if (scan === undefined || !scanRuns(scan)) return undefined;
  const path = `${dir}/${SupervisePath.lock}`;
  const fd = tryOpen(directory, SupervisePath.lock, Open.READ | Open.NONBLOCK);
  if (fd < 0) return { scan };
  using lock = new Descriptor(fd);
  const pid = lockHolder(lock.fd, path);
  if (pid === undefined) return { scan };
  return { scan, holder: { pid, command: processCommand(pid) ?? "?" } };
}
