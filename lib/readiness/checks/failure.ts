import { errnoMessage, SystemError } from "../../os/system_error.ts";

/** What is wrong with a service, from the error that showed it, to be put after a comma. */
export function failure(error: unknown): Error {
  if (error instanceof SystemError) {
    return new Error(`cannot ${error.attempt}: ${errnoMessage(error.errno)}`);
  }
  return error instanceof Error ? error : new Error(String(error));
}
