/**
 * The process of a program that was started, but whose start was not recorded, because the supervisor
 * was killed between the two.
 *
 * @module
 */

import { effectiveUserId } from "../os/credentials.ts";
import { fstat } from "../os/file_status.ts";
import type { Orphan, Orphans } from "./orphans.ts";
import type { Intent } from "./process_identity.ts";

/** What was found. */
export interface Unrecorded {
  /** The process of the service, beyond doubt. */
  readonly process?: Orphan;
  /** Processes of which one may be the service's. */
  readonly doubtful: readonly number[];
}

/**
 * Looks for the process of a start of which only the intent was recorded. That is an orphan, as its
 * supervisor is dead, which leads a session, was started soon after the intent, and is recorded by no
 * service.
 *
 * It is the one beyond doubt if it works in the service directory, where it was started, has this
 * process's user, and there is no other there. A program may have changed its user and its directory
 * since: it can't be told from what another user has started, or another program.
 *
 * @param directory The service directory, open.
 * @param intent The start.
 * @param orphans Where it is looked for.
 */
export function findUnrecorded(directory: number, intent: Intent, orphans: Orphans): Unrecorded {
  const here = fstat(directory).identity;
  const found = orphans.since(intent).filter((orphan) =>
    orphan.directory === here || !orphan.isMeantThere
  );
  const inside = found.filter((orphan) => orphan.directory === here && orphan.runs);
  const [only] = inside;
  if (only !== undefined && inside.length === 1 && only.belongsTo(effectiveUserId())) {
    return { process: only, doubtful: [] };
  }
  return { doubtful: found.filter(({ runs }) => runs).map(({ pid }) => pid) };
}
