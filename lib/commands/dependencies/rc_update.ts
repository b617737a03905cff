import { removeTree } from "../../rc/live/copy_tree.ts";
import { definitionsDirectory, type Live } from "../../rc/live/live.ts";
import { commitUpdate, prepareUpdate } from "../../rc/live/update.ts";
import { planUpdate, type UpdatePlan } from "../../rc/live/update_plan.ts";
import { plansFor } from "../../rc/transition/plans_for.ts";
import { type DefinitionSet, longrunsOf } from "../../rc/definitions/definition_set.ts";
import { Graph } from "../../rc/definitions/graph.ts";
import { requireFreeNames } from "../../rc/live/supervision.ts";
import { type Command, Failure } from "../../cli/command.ts";
import { parseCommandLine } from "../../cli/command_line.ts";
import { MILLISECONDS } from "../../options/parse_options.ts";
import { print, say } from "../../cli/output.ts";
import { carryOut } from "../../cli/rc/carry_out.ts";
import { NO_CONVERSION, readConversion, requireConvertible } from "../../cli/rc/conversion_file.ts";
import { asFailure, changeLive, RcExit } from "../../cli/rc/rc_live.ts";
import { BLOCK_HELP, LIVEDIR_HELP, liveOptions } from "../../cli/rc/rc_options.ts";
import { soundDefinitions } from "../../cli/rc/rc_sources.ts";

const NOT_SWITCHED = { failed: 9, timedOut: 10 } as const;

/** Says what an update does, and why, a line for each service. */
function explain(live: Live, { carried, keep, start, stop }: UpdatePlan): void {
  const again = new Set(start);
  const nameOf = (node: number) => live.graph.nodes[node]!.definition.name;
  for (const [node, reason] of stop) {
    const name = nameOf(node);
    say(`${again.has(name) ? "restart" : "stop"} ${name}: ${reason}`);
  }
  for (const [name, newName] of carried) say(`rename ${name} to ${newName}: it goes on`);
  for (const [node, reason] of keep) say(`leave running ${nameOf(node)}: ${reason}`);
}

/** Makes sure that nothing else in the scan directory has the names of longruns that are new. */
function requireNames(live: Live, set: DefinitionSet): void {
  const before = new Set(longrunsOf(live.set).map(({ name }) => name));
  const added = longrunsOf(set).map(({ name }) => name).filter((name) => !before.has(name));
  try {
    requireFreeNames(live.path, added, live);
  } catch (error) {
    throw asFailure(error);
  }
}

/** Returns the failure of an update that would stop essential services. */
function essentialsFailure(live: Live, { stop, essential }: UpdatePlan): Failure {
  const named = essential.map((node) => {
    const reason = stop.get(node) ?? "it depends on what is stopped";
    return `${live.graph.nodes[node]!.definition.name} (${reason})`;
  });
  return new Failure(
    `cannot update ${live.path}: that would stop what is marked as essential: ${
      named.join(", ")
    }; nothing was changed; -e stops it, -k leaves running what still exists`,
    NOT_SWITCHED.failed,
  );
}

/** `sv rc update`: puts new definitions in force. */
export const rcUpdateCommand: Command = {
  usage:
    "[ -n ] [ -k ] [ -v verbosity ] [ -t timeout ] [ -l live ] [ -f file ] [ -b ] [ -E | -e ] " +
    "[ source... ]",
  help:
    `Puts new definitions in force while services run, and says why it stops what it stops. What is up
stays up; restarted is what has another type, another script 'up', or other files that its process sees
('run', 'notification-fd', 'env', 'data' and so on, but not what only its supervisor reads: 'finish', the
timeouts), what needs something that was not up, and all that depend on these. Services that are gone are
stopped. Without source directories those are read again from which the definitions in force came.

  -n, --dry-run            change nothing: print what would be stopped and started
  -k, --keep-running       restart nothing only because it has changed or needs more: new files are in
                           place for its next start, and what it needs is started
${LIVEDIR_HELP}
  -f, --conversion-file f  lines 'name -> newname', 'name restart' or 'name -> newname restart': what has
                           only got another name goes on under it; what is to be restarted in any case
${BLOCK_HELP}
  -e, --force-essentials   stop essential services, too; default: an update that would is refused
  -v, --verbosity n        0: silent; 1: say what goes wrong (default); 2: say every change
  -t, --timeout ms         give up after so many ms; default 0: never

Killed at any moment, it has either not begun to put the definitions in force, or the next command
completes it.

Exit codes: 0 success; 1 the definitions have errors, or they are in force but some service could not be
started; 2 they are in force, but timed out; 3 a name in the file is unknown; 4 the live directory is
invalid, a new name is not defined, or s6-rc has compiled a source; 5 a name in the file is a bundle's; 6
the file has a service twice, or makes one of two; 9 some service could not be stopped, or is essential, and
nothing was put in force; 10 the same, timed out; 100 wrong usage; 111 system call failed, or the live
directory is in use.`,
  async run(args) {
    const options = parseCommandLine(args, "nkv:t:l:f:bEe", {
      "dry-run": "n",
      "keep-running": "k",
      "verbosity": "v",
      "timeout": "t",
      "livedir": "l",
      "conversion-file": "f",
      "block": "b",
      "no-force-essentials": "E",
      "force-essentials": "e",
    });
    const force = options.lastOf("e", "E") === "e";
    const verbosity = options.number("v", "a verbosity") ?? 1;
    const timeout = options.number("t", MILLISECONDS) ?? 0;
    const file = options.value("f");
    using live = await changeLive(liveOptions(options));
    const conversion = file === undefined ? NO_CONVERSION : readConversion(file, live.graph);
    const sources = options.rest.length > 0 ? options.rest : live.set.sources;
    const set = soundDefinitions(sources, verbosity, live.prefix);
    requireConvertible(conversion, live.graph, new Graph(set.definitions), file ?? "");
    requireNames(live, set);
    const id = prepareUpdate(live, set);
    const plan = planUpdate(live, id, { ...conversion, keep: options.has("k") });
    const stop = new Set(plan.stop.keys());
    const discard = () => removeTree(definitionsDirectory(live.path, id));
    if (!force && plan.essential.length > 0) {
      discard();
      throw essentialsFailure(live, plan);
    }
    if (verbosity > 0) explain(live, plan);
    if (options.has("n")) {
      discard();
      const names = [...stop].map((node) => live.graph.nodes[node]!.definition.name);
      print([
        ...names.map((name) => `stop ${name}\n`),
        ...plan.start.map((name) => `start ${name}\n`),
      ].join(""));
      return RcExit.success;
    }
    const how = { verbosity, timeout, dryRun: undefined };
    const down = { selection: stop, direction: "down", prune: false, force } as const;
    const stopped = await carryOut(live, plansFor(live, down), how);
    if (stopped !== RcExit.success) {
      return stopped === RcExit.timedOut ? NOT_SWITCHED.timedOut : NOT_SWITCHED.failed;
    }
    await commitUpdate(live, id, { services: conversion.renamed, carried: plan.carried });
    const selection = new Set(plan.start.flatMap((name) => live.graph.resolve(name)));
    const up = { selection, direction: "up", prune: false, force } as const;
    return await carryOut(live, plansFor(live, up), how);
  },
};
