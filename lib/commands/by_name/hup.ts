import { verbCommand } from "../../cli/by_name/verb_command.ts";

/** `sv hup` and others: send signals to services. */
export const hupCommand = verbCommand(
  `Sends a signal to services that are up.

  sv hup, alarm, interrupt, quit, 1, 2, term, kill
                     SIGHUP, SIGALRM, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM, SIGKILL
  sv pause, cont     SIGSTOP, SIGCONT

Each acts on the services that are named alone, also where others depend on them.`,
);
