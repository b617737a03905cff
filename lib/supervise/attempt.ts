import { reasonOf } from "../os/system_error.ts";

/** Calls a function. An error is reported as a warning, and the caller goes on with the next thing. */
export function attempt(report: (message: string) => void, call: () => void): void {
  try {
    call();
  } catch (error) {
    report(`warning: ${reasonOf(error)}`);
  }
}
