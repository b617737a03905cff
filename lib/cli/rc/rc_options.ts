import { CWD } from "../../os/file.ts";
import { tryStat } from "../../os/file_status.ts";
import { DEFAULT_LIVE } from "../../rc/live/live.ts";
import type { Direction } from "../../rc/definitions/graph.ts";
import { UsageError } from "../../options/usage_error.ts";
import { type GivenOption, MILLISECONDS, type ParsedOptions } from "../../options/parse_options.ts";
import { operands, parseCommandLine, requireText } from "../command_line.ts";
import { isCalledAsS6 } from "../program.ts";

/** The options of s6-rc. */
export interface RcOptions {
  /** Path of the live directory. */
  readonly live: string;
  /** Whether the services go up or down. */
  readonly direction: Direction;
  /** Whether all other services go the other way. */
  readonly prune: boolean;
  /** Whether the services that are up are selected, too. */
  readonly all: boolean;
  /** Whether to wait while other commands use the live directory; otherwise that is an error. */
  readonly block: boolean;
  /** Whether lists leave out essential services, and a stop includes them. */
  readonly withoutEssentials: boolean;
  /** How much to print: 0 nothing, 1 what goes wrong, 2 every change. */
  readonly verbosity: number;
  /** The milliseconds that each change takes in a dry run; undefined: no dry run. */
  readonly dryRun: number | undefined;
  /** Milliseconds until the command gives up; 0: never. */
  readonly timeout: number;
  /** Whether to print a JSON object. */
  readonly json: boolean;
  /** The arguments after the options. */
  readonly names: readonly string[];
  /** The options as they were given. */
  readonly given: readonly GivenOption[];
}

/** The verbs of s6-rc, and `restart`; the options that mean something to each; -v does to all. */
const MEANINGFUL = {
  start: "lbant",
  stop: "lbaDeEnt",
  change: "lbaudDpeEnt",
  list: "lbaudeE",
  listall: "lbaudeE",
  diff: "lb",
  reload: "lbat",
  restart: "lbaDent",
} as const;

/** The verbs that can print JSON. */
const WITH_JSON: readonly string[] = ["list", "diff"];

/** A verb of s6-rc. */
export type RcVerb = keyof typeof MEANINGFUL;

/**
 * Complains of options and operands that would be ignored, and of a selection of nothing. As s6-rc, which
 * ignores them, it does not.
 */
export function requireSense(verb: RcVerb, options: RcOptions): RcOptions {
  if (isCalledAsS6()) return options;
  const means = (name: string) =>
    name === "v" || (name === "json" ? WITH_JSON.includes(verb) : MEANINGFUL[verb].includes(name));
  const idle = options.given.find(({ name }) => !means(name));
  if (idle !== undefined) {
    throw new UsageError(`option ${idle.spelling} means nothing to 'sv rc ${verb}'`);
  }
  const { names, all, prune, direction } = options;
  names.forEach((name) => requireText(name, "service"));
  if (verb === "diff") operands(names, []);
  else if (names.length === 0 && !all && !prune && !(verb === "list" && direction === "down")) {
    throw new UsageError("no service given; -a selects all that are up");
  }
  return options;
}

const LONG_NAMES: Readonly<Record<string, string>> = {
  "up": "u",
  "down": "d",
  "all-down": "D",
  "prune": "p",
  "add": "a",
  "block": "b",
  "with-essentials": "E",
  "without-essentials": "e",
  "verbosity": "v",
  "dry-run": "n",
  "timeout": "t",
  "livedir": "l",
  "json": "json",
};

/** The default path of the live directory of s6-rc. */
const S6_RC_LIVE = "/run/s6-rc";

/** The help on the option that names the live directory. */
export const LIVEDIR_HELP =
  `  -l, --livedir dir        the live directory; default ${DEFAULT_LIVE} (as s6-rc: ${S6_RC_LIVE})`;

/** The help on the option that waits for the live directory. */
export const BLOCK_HELP =
  "  -b, --block              wait while another command uses the live directory; default: fail";

/** The help on the same option, of commands that only read. */
export const READ_BLOCK_HELP =
  "  -b, --block              wait while another command changes something; default: show it as it is";

/** The help on the options of commands that only read. */
export const READ_OPTIONS_HELP = `${LIVEDIR_HELP}
${READ_BLOCK_HELP}
  -a, --add                select what is up, too`;

/** The help on the options that all commands of s6-rc have. */
export const RC_OPTIONS_HELP = `${LIVEDIR_HELP}
${BLOCK_HELP}
  -a, --add                select what is up, too`;

/**
 * Returns the path of the live directory where none is named: that of s6-rc for a program that is called
 * by a name of s6-rc, and where there is no other.
 *
 * @param isS6 Whether this program is called so.
 * @param has Tells whether there is something at a path.
 */
export function defaultLive(isS6: boolean, has: (path: string) => boolean): string {
  if (isS6) return S6_RC_LIVE;
  // Only a live directory of sv has a directory `definitions`.
  return !has(DEFAULT_LIVE) && has(`${S6_RC_LIVE}/definitions`) ? S6_RC_LIVE : DEFAULT_LIVE;
}

/** Returns what options say about the live directory: its path, and whether to wait for it. */
export function liveOptions(options: ParsedOptions): Pick<RcOptions, "live" | "block"> {
  const live = options.value("l") ??
    defaultLive(isCalledAsS6(), (path) => tryStat(CWD, path) !== undefined);
  if (live === "") throw new UsageError("option -l takes a live directory, not an empty string");
  return { live, block: options.has("b") };
}

/** Reads the options of s6-rc; with a verb, those that mean something to it. */
export function parseRcOptions(args: readonly string[], verb?: RcVerb): RcOptions {
  const options = readRcOptions(args);
  return verb === undefined ? options : requireSense(verb, options);
}

function readRcOptions(args: readonly string[]): RcOptions {
  const options = parseCommandLine(args, "udDpabEev:n:t:l:", LONG_NAMES);
  const direction = options.lastOf("u", "d", "D") ?? "u";
  const essentials = options.lastOf("D", "e", "E") ?? "E";
  const { live, block } = liveOptions(options);
  return {
    live: live.replace(/(?<=.)\/+$/, ""),
    direction: direction === "u" ? "up" : "down",
    prune: options.has("p"),
    all: options.has("a"),
    block,
    withoutEssentials: essentials !== "E",
    verbosity: options.number("v", "a verbosity") ?? 1,
    dryRun: options.number("n", MILLISECONDS),
    timeout: options.number("t", MILLISECONDS) ?? 0,
    json: options.has("json"),
    names: options.rest,
    given: options.options,
  };
}
