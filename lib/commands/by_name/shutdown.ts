import { verbCommand } from "../../cli/by_name/verb_command.ts";

/** `sv shutdown`: stops services, and their supervisors. */
export const shutdownCommand = verbCommand(
  `Stops services, and then their supervisors. A scan supervises the service again when it looks at its
directory the next time.

  sv exit            does not wait for it
  sv shutdown        waits until the supervisor has ended
  sv force-shutdown  the same; what is not down in time is killed`,
);
