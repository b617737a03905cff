import { removeTree } from "../../rc/live/copy_tree.ts";
import { definitionsDirectory } from "../../rc/live/live.ts";
import { commitUpdate, planUpdate, prepareUpdate } from "../../rc/live/update.ts";
import { plansFor } from "../../rc/transition/plans_for.ts";
import { CWD, readFile } from "../../os/file.ts";
import { decodeOs } from "../../os/os_string.ts";
import { splitCommandLine } from "../../rc/definitions/script.ts";
import { type Command, ExitCode, Failure } from "../../cli/command.ts";
import { parseOptions } from "../../options/parse_options.ts";
import { print } from "../../cli/output.ts";
import { carryOut } from "../../cli/rc/carry_out.ts";
import { changeLive, RcExit } from "../../cli/rc/rc_live.ts";
import { BLOCK_HELP, LIVEDIR_HELP, liveOptions } from "../../cli/rc/rc_options.ts";
import { soundDefinitions } from "../../cli/rc/rc_sources.ts";

const NOT_SWITCHED = { failed: 9, timedOut: 10 } as const;

/** Reads the names of the services to restart from the file that -f names. */
function readRestarts(path: string): string[] {
  return decodeOs(readFile(CWD, path)).split("\n").flatMap((line) => {
    const [name, word, ...more] = splitCommandLine(line, path);
    if (name === undefined) return [];
    if (word === "restart" && more.length === 0) return [name];
    throw new Failure(
      `cannot follow ${path}: '${line}' is not of the form 'name restart'`,
      ExitCode.usage,
    );
  });
}

/** `sv rc update`: puts new definitions in force. */
export const rcUpdateCommand: Command = {
  usage: "[ -n ] [ -v verbosity ] [ -t timeout ] [ -l live ] [ -f file ] [ -b ] [ -E | -e ] " +
    "[ source... ]",
  help: `Puts new definitions in force while services run. What is up stays up; restarted are only
services of which the files or scripts, the type, or something that they need have changed, with all that
depend on them. Services that are gone are stopped. Without source directories those are read again from
which the definitions in force came.

  -n, --dry-run            change nothing: print what would be stopped and started
${LIVEDIR_HELP}
  -f, --conversion-file f  lines of the form 'name restart': services to restart in any case
${BLOCK_HELP}
  -e, --force-essentials   restart essential services, too; default: leave them alone
  -v, --verbosity n        0: silent; 1: say what goes wrong (default); 2: say every change
  -t, --timeout ms         give up after so many ms; default 0: never

Killed at any moment, it has either not begun to put the definitions in force, or the next command
completes it.

Exit codes: 0 success; 1 the definitions have errors, or they are in force but some service could not be
started; 2 they are in force, but timed out; 3 a name in the file is unknown; 4 the live directory is
invalid; 9 some service could not be stopped, and nothing was put in force; 10 the same, timed out; 100
wrong usage; 111 system call failed, or the live directory is in use.`,
  async run(args) {
    const options = parseOptions(args, "nv:t:l:f:bEe", {
      "dry-run": "n",
      "verbosity": "v",
      "timeout": "t",
      "livedir": "l",
      "conversion-file": "f",
      "block": "b",
      "no-force-essentials": "E",
      "force-essentials": "e",
    });
    const force = options.lastOf("e", "E") === "e";
    const verbosity = options.number("v", "the verbosity") ?? 1;
    const timeout = options.number("t", "the time limit") ?? 0;
    const file = options.value("f");
    using live = await changeLive(liveOptions(options));
    const restarts = file === undefined ? [] : readRestarts(file);
    for (const name of restarts) {
      if (live.graph.find(name) === undefined) {
        throw new Failure(`cannot restart '${name}': no service has that name`, RcExit.unknownName);
      }
    }
    const sources = options.rest.length > 0 ? options.rest : live.set.sources;
    const set = soundDefinitions("sv rc update", sources, verbosity);
    const id = prepareUpdate(live, set);
    const { stop, start } = planUpdate(live, id, new Set(restarts));
    if (options.has("n")) {
      removeTree(definitionsDirectory(live.path, id));
      const names = [...stop].map((node) => live.graph.nodes[node]!.definition.name);
      print([
        ...names.map((name) => `stop ${name}\n`),
        ...start.map((name) => `start ${name}\n`),
      ].join(""));
      return RcExit.success;
    }
    const how = { verbosity, timeout, dryRun: undefined };
    const down = { selection: stop, direction: "down", prune: false, force } as const;
    const stopped = await carryOut(live, plansFor(live, down), how);
    if (stopped !== RcExit.success) {
      return stopped === RcExit.timedOut ? NOT_SWITCHED.timedOut : NOT_SWITCHED.failed;
    }
    await commitUpdate(live, id);
    const selection = new Set(start.flatMap((name) => live.graph.resolve(name)));
    const up = { selection, direction: "up", prune: false, force } as const;
    return await carryOut(live, plansFor(live, up), how);
  },
};
