import { errnoMessage, SystemError } from "../../os/system_error.ts";

/** Returns the reason for which a check failed, from an error, in words that can follow a comma. */
export function failure(error: unknown): Error {
  if (error instanceof SystemError) return failed(error.attempt, error.errno);
  return error instanceof Error ? error : new Error(String(error));
}

/** Returns the reason for which a check failed, from what was attempted and its error number. */
export function failed(attempt: string, errno: number): Error {
  return new Error(`cannot ${attempt}: ${errnoMessage(errno)}`);
}
