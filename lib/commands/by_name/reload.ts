import { verbCommand } from "../../cli/by_name/verb_command.ts";

/** `sv reload`: has services read their configuration again. */
export const reloadCommand = verbCommand(
  `Has services read their configuration again.

  sv reload          sends the signal of the file reload-signal, or SIGHUP
  sv force-reload    restarts the service; what is not up again in time is killed`,
);
