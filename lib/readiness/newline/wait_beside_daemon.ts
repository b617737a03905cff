import { deadlineAfter } from "../../waiting/wait.ts";
import { HANDED, takeHanded } from "../companion.ts";
import { awaitNewline } from "./await_newline.ts";
import { declareReady } from "./declare_ready.ts";

/** The exit codes of this process, those of s6-notifywhenup's child. */
const EXIT = { newline: 0, closed: 1, late: 99 } as const;

/**
 * Waits for the newline of the daemon beside which this process runs, and declares the service ready.
 *
 * @param fifodir The fifodir that gets the event.
 * @param timeout Milliseconds after which to give up; 0: never.
 * @returns The exit code.
 */
export function waitBesideDaemon(fifodir: string, timeout: number): number {
  takeHanded(HANDED.first);
  const came = awaitNewline(HANDED.first, deadlineAfter(timeout));
  if (came === "newline") declareReady(fifodir);
  return EXIT[came];
}
