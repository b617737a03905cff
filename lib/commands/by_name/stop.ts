import { verbCommand } from "../../cli/by_name/verb_command.ts";

/** `sv stop`: stops services, and waits until they are down. */
export const stopCommand = verbCommand(
  `Stops services, and waits until they are down, their finish scripts included.

  sv stop            sends the down-signal, SIGTERM say
  sv force-stop      the same; what is not down in time is killed

A service that belongs to sv rc is stopped after all that depend on it, as 'sv rc stop' does; 'sv down'
acts on the one service alone.`,
);
