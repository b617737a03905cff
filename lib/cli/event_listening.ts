import type { PatternListeners } from "../waiting/pattern_listeners.ts";
import { writeAll } from "../os/file.ts";
import { waitBlocking } from "../waiting/wait_blocking.ts";
import { Failure } from "./command.ts";
import { type ParsedOptions, parseOptions } from "../options/parse_options.ts";

/** Reads the options of a command that listens to fifodirs: `-t`, and those in `short` and `long`. */
export function parseListenOptions(
  args: readonly string[],
  short = "",
  long: Readonly<Record<string, string>> = {},
): { options: ParsedOptions; timeout: number; rest: readonly string[] } {
  const options = parseOptions(args, `${short}t:`, { ...long, timeout: "t" });
  const timeout = options.number("t", "the time limit") ?? 0;
  return { options, timeout, rest: options.rest };
}

/** Waits until the events match. Fails with `timedOutCode` where they do not in time. */
export function awaitEvents(
  listeners: PatternListeners,
  deadline: number,
  timedOutCode: number,
): void {
  if (!waitBlocking(listeners.listeners, listeners, deadline)) {
    throw new Failure("Timed out while waiting for the events", timedOutCode);
  }
}

/** Prints events on a line. */
export function printEvents(events: Uint8Array): void {
  writeAll(1, Uint8Array.of(...events, 10), "to standard output");
}
