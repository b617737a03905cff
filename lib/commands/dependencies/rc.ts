import { type Command, required } from "../../cli/command.ts";
import { isCalledAsS6 } from "../../cli/program.ts";
import { UsageError } from "../../options/usage_error.ts";
import { runChange, toward } from "./rc_change.ts";
import { runDiff } from "./rc_diff.ts";
import { runList } from "./rc_list.ts";
import { runListall } from "./rc_listall.ts";
import {
  parseRcOptions,
  type RcOptions,
  type RcVerb,
  requireSense,
} from "../../cli/rc/rc_options.ts";
import { runReload } from "./rc_reload.ts";
import { runRestart } from "./rc_restart.ts";

const verbs: Readonly<Record<RcVerb, (options: RcOptions) => number | Promise<number>>> = {
  change: runChange,
  start: (options) => runChange(toward("up", options)),
  stop: (options) => runChange(toward("down", options)),
  list: runList,
  listall: runListall,
  diff: runDiff,
  reload: runReload,
  restart: runRestart,
};

function isVerb(word: string): word is RcVerb {
  // s6-rc has no such verb.
  return Object.hasOwn(verbs, word) && !(word === "restart" && isCalledAsS6());
}

/** Those, and the commands that s6-rc has as programs of their own, or not at all. */
export const ALL_VERBS = [
  "check",
  "compile",
  "init",
  ...Object.keys(verbs),
  "update",
  "status",
  "db",
  "graph",
  "plot",
];

/** `sv rc`: s6-rc's own command line, options before the verb. */
export const rcCommand: Command = {
  usage: "[ -v verbosity ] [ -n delay ] [ -t timeout ] [ -l live ] [ -b ] [ -E | -e ] " +
    "[ -u | -d | -D ] [ -p ] [ -a ] list|listall|diff|start|stop|restart|change|reload [ name... ]",
  help:
    `Manages services that depend on each other. The options may also follow the verb; for what they
mean see 'sv help rc change' and so on.

  sv rc check source...        find everything that is wrong with definitions
  sv rc compile db source...   check definitions, and store them for scripts that compile them
  sv rc init scandir source... make a live directory, in which all services are down
  sv rc start name...          bring services up, with all that they depend on
  sv rc stop name...           bring services down, with all that depend on them
  sv rc change name...         either, and the opposite with all others
  sv rc restart name...        stop them with what depends on them, and start again what was up
  sv rc status                 tell how services are, and why
  sv rc list, listall          print services, with what goes up or down with them
  sv rc diff                   print the longruns that are not as they were left
  sv rc reload name...         have services read their configuration again
  sv rc update source...       put new definitions in force, restarting only what changed
  sv rc db question name...    answer questions about definitions
  sv rc graph                  draw what depends on what
  sv rc plot                   draw the last start, and say what made it long`,
  async run(args) {
    const options = parseRcOptions(args);
    const verb = required(options.names[0], "verb");
    const names = options.names.slice(1);
    if (!isVerb(verb)) {
      const { noSuchVerb } = await import("../../cli/instead.ts");
      throw new UsageError(noSuchVerb(options.names, ALL_VERBS));
    }
    return await verbs[verb](requireSense(verb, { ...options, names }));
  },
};
