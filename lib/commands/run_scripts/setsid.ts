import { CWD, Open, open } from "../../os/file.ts";
import { startProcessGroup, startSession, takeTerminal } from "../../os/session.ts";
import { Signal } from "../../os/signal.ts";
import { ignoreSignals } from "../../os/signal_state.ts";
import { becomeProgram } from "../../cli/become_program.ts";
import { type Command, requiredProgram } from "../../cli/command.ts";
import { warn } from "../../cli/output.ts";
import { DESCRIPTOR, type ParsedOptions, parseOptions } from "../../options/parse_options.ts";

/** What an option changes: the bits that it clears, and those that it sets. */
interface Change {
  readonly clear?: readonly Bit[];
  readonly set?: readonly Bit[];
}

type Bit = "group" | "foreground" | "grab" | "strict" | "silent";

const CHANGES: Readonly<Record<string, Change>> = {
  "s": { clear: ["group", "foreground", "grab"] },
  "process-group": { set: ["group"] },
  "b": { clear: ["foreground", "grab"], set: ["group"] },
  "foreground": { set: ["foreground"] },
  "f": { clear: ["grab"], set: ["group", "foreground"] },
  "grab": { set: ["grab"] },
  "g": { set: ["group", "foreground", "grab"] },
  "I": { clear: ["strict", "silent"] },
  "i": { clear: ["silent"], set: ["strict"] },
  "q": { clear: ["strict"], set: ["silent"] },
};

const LONG = {
  "session": "s",
  "process-group": "process-group",
  "background-process-group": "b",
  "foreground": "foreground",
  "foreground-process-group": "f",
  "grab": "grab",
  "foreground-process-group-grab": "g",
  "no-strict": "I",
  "strict": "i",
  "quiet": "q",
  "ctty": "d",
};

/** Returns the bits that options set, in their order. */
function bitsOf(options: ParsedOptions["options"]): ReadonlySet<Bit> {
  const bits = new Set<Bit>();
  for (const { name } of options) {
    for (const bit of CHANGES[name]?.clear ?? []) bits.delete(bit);
    for (const bit of CHANGES[name]?.set ?? []) bits.add(bit);
  }
  return bits;
}

/** `sv setsid`: becomes another program in a new session or process group. */
export const setsidCommand: Command = {
  usage: "[-s | -b | -f | -g] [-i | -I | -q] [-d ctty] prog...",
  help: `Becomes prog, in a new session or in a new process group of this session.

  -s, --session                        a new session, without a terminal (the default)
  -b, --background-process-group       a new process group, in the background
  -f, --foreground-process-group       a new process group, in the foreground of the terminal; the
                                       kernel stops it until the former one gives up the terminal
  -g, --foreground-process-group-grab  the same, but at once
  -i, --strict                         fail where that can't be done
  -I, --no-strict                      warn, and become prog all the same (the default)
  -q, --quiet                          don't even warn
  -d N, --ctty N                       the terminal is open as descriptor N; default: /dev/tty

Exit codes: 100 wrong usage; 111 system call failed; 127 prog not found; 126 prog can't be run; else
prog's.`,

  run(args) {
    const options = parseOptions(args, "sbfgIiqd:", LONG);
    const prog = requiredProgram(options.rest);
    const given = options.number("d", DESCRIPTOR);
    const bits = bitsOf(options.options);

    const attempt = (step: () => void) => {
      try {
        step();
      } catch (error) {
        if (bits.has("strict")) throw error;
        if (!bits.has("silent")) warn(error);
      }
    };
    if (!bits.has("group")) attempt(startSession);
    else {
      attempt(startProcessGroup);
      // The program goes on ignoring the signal, as s6's does.
      if (bits.has("foreground") && bits.has("grab")) ignoreSignals([Signal.TTOU]);
      if (bits.has("foreground")) {
        attempt(() => takeTerminal(given ?? open(CWD, "/dev/tty", Open.READ)));
      }
    }
    return becomeProgram(prog);
  },
};
