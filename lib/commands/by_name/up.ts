import { verbCommand } from "../../cli/by_name/verb_command.ts";

/** `sv up`: has services brought up, down, or up once. */
export const upCommand = verbCommand(
  `Says how services are to be, and does not wait for it.

  sv up              up: started again whenever they die
  sv down            down
  sv once            up, but not started again when they die

Each acts on the services that are named alone, also where they belong to sv rc and depend on others;
'sv start' and 'sv stop' go through their dependencies.`,
);
