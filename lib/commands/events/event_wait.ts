import { PatternListeners } from "../../waiting/pattern_listeners.ts";
import { deadlineAfter } from "../../waiting/wait.ts";
import { type Command, ExitCode } from "../../cli/command.ts";
import { operands } from "../../cli/command_line.ts";
import { awaitEvents, parseListenOptions, printEvents } from "../../cli/event_listening.ts";

/** `sv event wait`: waits for events in a fifodir. */
export const eventWaitCommand: Command = {
  usage: "[ -t timeout ] fifodir regexp",
  help:
    `Listens to a fifodir until the events that have come, each a byte, match an extended regular
expression of POSIX. Then prints them on a line and exits 0.

  -t ms, --timeout=ms  give up after so many milliseconds and exit 99; default 0: never

What was sent before it listens, it misses: 'sv event listen1' starts the sender once it listens.`,
  run(args) {
    const { timeout, rest } = parseListenOptions(args, { anywhere: true });
    const [fifodir = "", pattern = ""] = operands(rest, ["fifodir", "regular expression"]);
    const deadline = deadlineAfter(timeout);
    using listeners = new PatternListeners([{ fifodir, pattern }]);
    awaitEvents(listeners, { deadline, timeout, dirs: [fifodir] }, ExitCode.timedOut);
    printEvents(listeners.heard(0));
    return 0;
  },
};
