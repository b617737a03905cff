import { monotonicClock } from "../../os/clock.ts";
import { UsageError } from "../../options/usage_error.ts";
import type { Command } from "../command.ts";
import { operandList, parseCommandLine } from "../command_line.ts";
import { print } from "../output.ts";
import { programName } from "../program.ts";
import { namedServices } from "../status/service_names.ts";
import { VERBS } from "./verbs.ts";

/** Seconds that a verb waits where nothing else is said, as runit's `sv` does. */
const DEFAULT_WAIT = 7;

/** The most services that an exit code can count. */
const MOST_FAILED = 99;

/** The help on options and exit codes of all verbs. */
export const VERB_HELP =
  `A name is that of a service in the scan directory SVDIR, or /run/service where that is not set; one
that begins with a dot or a slash, or ends with a slash, is the path of a service directory.

  -v      wait until it is done, also where the verb alone would not; then print how it ended
  -w sec  wait so many seconds at most, instead of SVWAIT or else 7; implies -v

Where no supervisor is running yet, a verb that brings services up and waits for it waits for the
first supervisor, too. A name that does not exist fails at once.

Prints a line for each service that was waited for: ok, timeout (not done in time), kill (not done in
time, and killed) or fail, and the state; where it was not done, the reason and what happens next.

Exits 0 when it was done for all services, else with the number of those for which it was not; 100
after wrong usage.`;

/** Returns the seconds to wait; undefined where nothing was said. */
function secondsToWait(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  if (!/^\d{1,9}$/.test(text)) {
    throw new UsageError(
      `the time to wait is a number of seconds from 0 to 999999999, not '${text}'`,
    );
  }
  return Number(text);
}

/**
 * Returns a command for verbs of runit's `sv`. Which of them is meant, the name tells by which it was
 * called.
 *
 * @param help What the verbs do.
 */
export function verbCommand(help: string): Command {
  return {
    usage: "[ -v ] [ -w sec ] name...",
    help: `${help}

${VERB_HELP}`,
    async run(args) {
      const options = parseCommandLine(args, "vw:");
      const verb = VERBS[programName().split(" ").at(-1)!]!;
      const services = namedServices(operandList(options.rest, "name of a service"));
      const limit = secondsToWait(options.value("w"));
      const waits = verb.waits || options.has("v") || limit !== undefined;
      const seconds = limit ?? secondsToWait(Deno.env.get("SVWAIT")) ?? DEFAULT_WAIT;
      const { carryOutVerb } = await import("./carry_out_verb.ts");
      const deadline = monotonicClock() + seconds * 1000;
      const failures = await carryOutVerb(verb, services, {
        waits,
        deadline,
        say: (line) => print(`${line}\n`),
      });
      return Math.min(failures, MOST_FAILED);
    },
  };
}
