import type { ServicesWait } from "../waiting/wait_state.ts";
import { waitBlocking } from "../waiting/wait_blocking.ts";
import type { WatchedServices } from "../waiting/watched_services.ts";
import { reasonOf } from "../os/system_error.ts";
import { ExitCode, Failure } from "./command.ts";
import { say } from "./output.ts";
import { isCalledAsS6 } from "./program.ts";

/** How long to wait. */
export interface Patience {
  /** The instant at which to give up. */
  readonly deadline: number;
  /** Milliseconds from the start of the wait until then, for the message. */
  readonly timeout: number;
}

/** Says of each of these services why it is as it is; not under a name of s6, whose programs don't. */
async function sayWhy(dirs: readonly string[], indices: readonly number[]): Promise<void> {
  if (isCalledAsS6()) return;
  try {
    const { explainServices } = await import("./explained/explain_services.ts");
    for (const line of await explainServices(indices.map((index) => dirs[index]!))) say(line);
  } catch (error) {
    // That the wait was in vain is said in any case: this program may have been removed meanwhile.
    say(`cannot tell why: ${reasonOf(error)}`);
  }
}

/**
 * Waits for services. Throws a `Failure` where they can't reach the wanted state, or not in time, after a
 * line for each of those that tells why.
 *
 * @param dirs Their directories.
 * @param services What is listened to.
 * @param waiting The state that is waited for.
 * @param patience How long to wait; a deadline of Infinity: for ever.
 * @param onSupervised Called with the index of a service whose supervisor has started.
 */
export async function awaitServices(
  dirs: readonly string[],
  services: WatchedServices,
  waiting: ServicesWait,
  { deadline, timeout }: Patience,
  onSupervised?: (index: number) => void,
): Promise<void> {
  if (!waitBlocking(...services.watched(waiting, onSupervised), deadline)) {
    const { pending } = waiting;
    await sayWhy(dirs, pending);
    const late = pending.map((index) => dirs[index]!).join(", ");
    throw new Failure(
      `timed out after ${timeout} milliseconds while waiting for ${late}`,
      ExitCode.timedOut,
    );
  }
  const { failed } = waiting;
  if (failed.length > 0) {
    await sayWhy(dirs, failed);
    throw new Failure(
      `cannot wait any longer for ${failed.map((index) => dirs[index]!).join(", ")}: ` +
        "failed permanently, or lost its supervisor",
      failed.length,
    );
  }
}
