import { PatternListeners } from "../../waiting/pattern_listeners.ts";
import { spawnChild } from "../../os/spawn/spawn_child.ts";
import { deadlineAfter } from "../../waiting/wait.ts";
import { type Command, required, requiredProgram } from "../../cli/command.ts";
import { awaitEvents, parseListenOptions, printEvents } from "../../cli/event_listening.ts";

const TIMED_OUT = 1;

/** `sv event listen1`: starts a program, and waits for the events that it causes in a fifodir. */
export const eventListen1Command: Command = {
  usage: "[ -t timeout ] fifodir regexp program...",
  help: `Listens to a fifodir, starts a program, and waits until the events that have come, each a
byte, match an extended regular expression of POSIX. Then prints them on a line and exits 0.

  -t ms, --timeout=ms  give up after so many milliseconds and exit 1; default 0: never

  sv event listen1 fifodir U sv event notify fifodir U`,
  run(args) {
    const { timeout, rest } = parseListenOptions(args);
    const fifodir = required(rest[0], "fifodir");
    const pattern = required(rest[1], "regular expression");
    const program = requiredProgram(rest.slice(2));
    const deadline = deadlineAfter(timeout);
    using listeners = new PatternListeners([{ fifodir, pattern }]);
    spawnChild(program);
    awaitEvents(listeners, { deadline, timeout, dirs: [fifodir] }, TIMED_OUT);
    printEvents(listeners.heard(0));
    return 0;
  },
};
