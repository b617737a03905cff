import { errnoMessage, SystemError } from "../../os/system_error.ts";

/** What is wrong with a service, from the error that showed it, to be put after a comma. */
export function failure(error: unknown): Error {
  if (error instanceof SystemError) return failed(error.attempt, error.errno);
  return error instanceof Error ? error : new Error(String(error));
}

/** What is wrong with a service, from what was tried and why that failed. */
export function failed(attempt: string, errno: number): Error {
  return new Error(`cannot ${attempt}: ${errnoMessage(errno)}`);
}
