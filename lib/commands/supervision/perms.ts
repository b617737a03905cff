import { groupId, groupName } from "../../os/accounts.ts";
import {
  type Allowed,
  allowEvents,
  allowSupervise,
  controlAllowed,
  eventsAllowed,
  statusAllowed,
} from "../../servicedir/permissions.ts";
import { type Command, ExitCode, Failure } from "../../cli/command.ts";
import { operandList, parseCommandLine } from "../../cli/command_line.ts";
import { UsageError } from "../../options/usage_error.ts";
import { MAX_UNSIGNED } from "../../os/limits.ts";
import { printJson } from "../../cli/json.ts";
import { print, warn } from "../../cli/output.ts";

interface Orders {
  show: boolean;
  json?: true;
  supervise?: { readonly status: Allowed; readonly control: "owner" | number };
  events?: "public" | number;
}

function group(text: string): number {
  if (text.startsWith(":")) {
    const gid = text.slice(1);
    if (!/^\d+$/.test(gid) || Number(gid) > MAX_UNSIGNED) {
      throw new UsageError(`'${gid}' is not the number of a group`);
    }
    return Number(gid);
  }
  const gid = groupId(text);
  if (gid === undefined) throw new Failure(`cannot find the group ${text}`, ExitCode.usage);
  return gid;
}

function parse(args: readonly string[]): { orders: Orders; dirs: readonly string[] } {
  const { options, rest: dirs } = parseCommandLine(args, "vug:G:oO:eE:", {
    json: "json",
  });
  const orders: Orders = { show: false };
  for (const { name, value } of options) {
    if (name === "v") orders.show = true;
    else if (name === "json") orders.json = true;
    else if (name === "e") orders.events = "public";
    else if (name === "E") orders.events = group(value);
    else {
      const status = name === "u" ? "owner" : "oO".includes(name) ? "public" : group(value);
      const control = name === "G" || name === "O" ? group(value) : "owner";
      orders.supervise = { status, control };
    }
  }
  operandList(dirs, "service directory");
  if (orders.supervise === undefined && orders.events === undefined) orders.show = true;
  return { orders, dirs };
}

function describe(allowed: Allowed): string {
  return typeof allowed === "number" ? `group ${groupName(allowed) ?? allowed}` : allowed;
}

const reports = { status: statusAllowed, control: controlAllowed, events: eventsAllowed };

/** Prints the rights of a service, a line each. Returns whether all could be read. */
function show(dir: string): boolean {
  let complete = true;
  let broken = false;
  for (const [what, allowed] of Object.entries(reports)) {
    // The control FIFO lies in supervise/, which can't be read; the warning above named it.
    if (broken && what === "control") continue;
    try {
      print(`${dir} ${what}: ${describe(allowed(dir))}\n`);
    } catch (error) {
      warn(error);
      complete = false;
      broken = what === "status";
    }
  }
  return complete;
}

/** Returns the rights of a service for JSON; null where they can't be read, which a warning tells. */
function rightsOf(dir: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(reports).map(([what, allowed]) => {
      try {
        const is = allowed(dir);
        return [
          what,
          typeof is === "number"
            ? { who: "group", group: groupName(is) ?? null, gid: is }
            : { who: is },
        ];
      } catch (error) {
        warn(error);
        return [what, null];
      }
    }),
  );
}

/** `sv perms`: shows or changes the rights of users on services. */
export const permsCommand: Command = {
  usage:
    "[ -v | --json ] [ -u | -g group | -G group | -o | -O group ] [ -e | -E group ] servicedir...",
  help: `Without options, or with -v, prints for each service who may read its status, send commands
to its supervisor, and listen to its events. Else changes that.

  -u        its owner alone may read its status and control it
  -g group  a group, too, may read its status
  -G group  a group, too, may read its status and control it
  -o        anyone may read its status
  -O group  anyone may read its status, a group may control it
  -e        anyone may listen to its events
  -E group  only a group may listen to its events
  -v        print the rights, after the change
  --json    print them as one JSON object: docs/json.md

A group is a name, or a colon and a number.

Exit codes: 0 success; 1 some rights could not be read; 100 wrong usage; 111 system call failed.`,
  run(args) {
    const { orders, dirs } = parse(args);
    let complete = true;
    const services: Record<string, unknown>[] = [];
    for (const dir of dirs) {
      if (orders.supervise) allowSupervise(dir, orders.supervise.status, orders.supervise.control);
      if (orders.events !== undefined) allowEvents(dir, orders.events);
      if (orders.json) {
        const rights = rightsOf(dir);
        services.push({ dir, ...rights });
        if (Object.values(rights).includes(null)) complete = false;
      } else if (orders.show && !show(dir)) complete = false;
    }
    if (orders.json) printJson({ services });
    return complete ? 0 : ExitCode.failed;
  },
};
