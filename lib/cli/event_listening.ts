import type { PatternListeners } from "../waiting/pattern_listeners.ts";
import { writeAll } from "../os/file.ts";
import { waitBlocking } from "../waiting/wait_blocking.ts";
import { Failure } from "./command.ts";
import { MILLISECONDS, type ParsedOptions, parseOptions } from "../options/parse_options.ts";
import type { Patience } from "./await_services.ts";
import { isCalledAsS6 } from "./program.ts";

/** Which options a command has that listens to fifodirs, besides `-t`. */
interface ListenOptions {
  readonly short?: string;
  readonly long?: Readonly<Record<string, string>>;
  /** Whether they may stand behind other arguments; never as s6. */
  readonly anywhere?: boolean;
}

/** Reads the options of a command that listens to fifodirs. */
export function parseListenOptions(
  args: readonly string[],
  { short = "", long = {}, anywhere = false }: ListenOptions = {},
): { options: ParsedOptions; timeout: number; rest: readonly string[] } {
  const names = { ...long, timeout: "t" };
  const options = parseOptions(args, `${short}t:`, names, anywhere && !isCalledAsS6());
  const timeout = options.number("t", MILLISECONDS) ?? 0;
  return { options, timeout, rest: options.rest };
}

/** Waits until the events match. Fails with `timedOutCode` where they do not in time. */
export function awaitEvents(
  listeners: PatternListeners,
  { deadline, timeout, dirs }: Patience & { readonly dirs: readonly string[] },
  timedOutCode: number,
): void {
  if (!waitBlocking(listeners.listeners, listeners, deadline)) {
    throw new Failure(
      `timed out after ${timeout} milliseconds while waiting for events in ${dirs.join(", ")}`,
      timedOutCode,
    );
  }
}

/** Prints events on a line. */
export function printEvents(events: Uint8Array): void {
  writeAll(1, Uint8Array.of(...events, 10), "to standard output");
}
