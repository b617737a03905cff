import { PatternListeners } from "../../waiting/pattern_listeners.ts";
import { spawnChild } from "../../os/spawn/spawn_child.ts";
import { deadlineAfter } from "../../waiting/wait.ts";
import { splitBlock } from "../../cli/split_block.ts";
import { type Command, required } from "../../cli/command.ts";
import { UsageError } from "../../options/usage_error.ts";
import { awaitEvents, parseListenOptions } from "../../cli/event_listening.ts";

const TIMED_OUT = 1;

/** `sv event listen`: starts a program, and waits for the events that it causes in several fifodirs. */
export const eventListenCommand: Command = {
  usage: '[ -a | -o ] [ -t timeout ] fifodir1 regexp1 ... "" program...',
  help: `Listens to fifodirs, starts a program, and waits until the events that have come in each
fifodir, each a byte, match its extended regular expression of POSIX. The pairs of a fifodir and an
expression end with an empty argument.

  -a, --and            wait until all match (the default)
  -o, --or             wait until one of them matches
  -t ms, --timeout=ms  give up after so many milliseconds and exit 1; default 0: never

  sv event listen -o web/event U db/event U "" sv control -u web db`,
  run(args) {
    const { options, timeout, rest } = parseListenOptions(args, {
      short: "ao",
      long: { and: "a", or: "o" },
    });
    const { block, program } = splitBlock(rest, "fifodirs");
    required(block[0], "fifodir");
    if (block.length % 2 !== 0) throw new UsageError(`no regular expression for ${block.at(-1)}`);
    const subjects = Array.from({ length: block.length / 2 }, (_, index) => ({
      fifodir: block[2 * index]!,
      pattern: block[2 * index + 1]!,
    }));
    const deadline = deadlineAfter(timeout);
    using listeners = new PatternListeners(subjects, { any: options.lastOf("a", "o") === "o" });
    spawnChild(program);
    const dirs = subjects.map(({ fifodir }) => fifodir);
    awaitEvents(listeners, { deadline, timeout, dirs }, TIMED_OUT);
    return 0;
  },
};
