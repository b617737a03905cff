import { verbCommand } from "../../cli/by_name/verb_command.ts";

/** `sv start`: starts services, and waits until they are ready. */
export const startCommand = verbCommand(
  `Starts services, and waits until they are ready; until they are up where they can't say that they
are ready. Where there is a program 'check' in the service directory, as runit has it, it is run until
it exits 0.

A service that belongs to sv rc is started with all that it needs, each when what it needs is ready, as
'sv rc start' does; 'sv up' acts on the one service alone.`,
);
