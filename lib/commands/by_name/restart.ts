import { verbCommand } from "../../cli/by_name/verb_command.ts";

/** `sv restart`: stops services and starts them again. */
export const restartCommand = verbCommand(
  `Stops services and starts them again, and waits until they are ready.

  sv restart         starts a service that is down, too
  sv try-restart     leaves a service alone that is down
  sv force-restart   as restart; what is not up again in time is killed

Where a service belongs to sv rc, what depends on it is stopped before it, and started again after it, as
'sv rc restart' does; 'sv term' acts on the one service alone.`,
);
