import { DEFAULT_LIVE } from "../../rc/live/live.ts";
import type { Direction } from "../../rc/definitions/graph.ts";
import { UsageError } from "../../cli/command.ts";
import { parseOptions } from "../../options/parse_options.ts";

/** The options of s6-rc. */
export interface RcOptions {
  /** Path of the live directory. */
  readonly live: string;
  /** Where the services are to go. */
  readonly direction: Direction;
  /** Whether all other services go the other way. */
  readonly prune: boolean;
  /** Whether what is up is selected, too. */
  readonly all: boolean;
  /** Whether to wait for other commands that use the live directory. */
  readonly block: boolean;
  /** Whether essential services are left out of lists, and are stopped. */
  readonly withoutEssentials: boolean;
  /** How much to say: 0 nothing, 1 what went wrong, 2 every change. */
  readonly verbosity: number;
  /** Only pretend, each change taking so many milliseconds. */
  readonly dryRun: number | undefined;
  /** Milliseconds until all is given up, 0 for never. */
  readonly timeout: number;
  /** What follows the options. */
  readonly names: readonly string[];
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
};

/** What the options mean, for the help. */
export const RC_OPTIONS_HELP =
  `  -l, --livedir dir        the live directory; default ${DEFAULT_LIVE}
  -b, --block              wait while another command uses the live directory; default: fail
  -a, --add                select what is up, too`;

/** Reads the options of s6-rc. */
export function parseRcOptions(args: readonly string[]): RcOptions {
  const options = parseOptions(args, "udDpabEev:n:t:l:", LONG_NAMES);
  const direction = options.lastOf("u", "d", "D") ?? "u";
  const essentials = options.lastOf("D", "e", "E") ?? "E";
  const live = options.value("l") ?? DEFAULT_LIVE;
  if (live === "") throw new UsageError("an empty string is no live directory");
  return {
    live: live.replace(/(?<=.)\/+$/, ""),
    direction: direction === "u" ? "up" : "down",
    prune: options.has("p"),
    all: options.has("a"),
    block: options.has("b"),
    withoutEssentials: essentials !== "E",
    verbosity: options.number("v", "the verbosity") ?? 1,
    dryRun: options.number("n", "the delay of a dry run"),
    timeout: options.number("t", "the time limit") ?? 0,
    names: options.rest,
  };
}
