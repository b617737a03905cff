import { verbCommand } from "../../cli/by_name/verb_command.ts";

/** `sv check`: waits until services are in the state that they are wanted in. */
export const checkCommand = verbCommand(
  `Waits until services are in the state that they are wanted in: up and ready, or down.`,
);
