import { type Conditions, startUnder } from "../../os/conditions.ts";
import { softLimitAtStart } from "../../os/runtime/soft_limit_at_start.ts";
import { PosixSpawner } from "../../os/spawn/posix_spawner.ts";
import type { Spawned, SpawnRequest } from "../../os/spawn/spawner.ts";
import { withUmask } from "../../os/umask.ts";
import { readScanConditions } from "../../servicedir/scan_conditions.ts";

/** The umask of scripts where no scan tells another. */
const UMASK = 0o022;

let scan: string | undefined;
let conditions: Conditions | undefined;

/** Names the scan directory whose scan tells the conditions of this command's scripts. */
export function setScriptScan(scandir: string): void {
  if (scan === scandir) return;
  scan = scandir;
  conditions = undefined;
}

/**
 * Starts the script of a oneshot with the umask, the niceness and the limits that services get from the
 * scan: whoever typed the command.
 */
export function spawnScript(request: SpawnRequest): Spawned {
  const spawner = new PosixSpawner();
  conditions ??= scan === undefined ? undefined : readScanConditions(scan);
  if (conditions !== undefined) return startUnder(conditions, () => spawner.spawn(request));
  const softNofile = softLimitAtStart();
  return withUmask(UMASK, () => spawner.spawn({ ...request, softNofile }));
}
