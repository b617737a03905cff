import type { ServicesWait } from "../waiting/wait_state.ts";
import { waitBlocking } from "../waiting/wait_blocking.ts";
import type { WatchedServices } from "../waiting/watched_services.ts";
import { ExitCode, Failure } from "./command.ts";

/** Waits for services. Throws a `Failure` where they can't reach the wanted state, or not in time. */
export function awaitServices(
  dirs: readonly string[],
  services: WatchedServices,
  waiting: ServicesWait,
  deadline: number,
): void {
  if (!waitBlocking(...services.watched(waiting), deadline)) {
    throw new Failure(`Timed out while waiting for ${dirs.join(", ")}`, ExitCode.timedOut);
  }
  const failed = waiting.failed.map((index) => dirs[index]!);
  if (failed.length > 0) {
    throw new Failure(
      `Cannot wait any longer for ${failed.join(", ")}: failed permanently, or lost its supervisor`,
      failed.length,
    );
  }
}
