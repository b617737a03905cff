import { DEFAULT_LIVE } from "../../rc/live/live.ts";
import type { Direction } from "../../rc/definitions/graph.ts";
import { UsageError } from "../../cli/command.ts";
import { parseOptions, unsigned } from "../../options/parse_options.ts";

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
  const { options, rest } = parseOptions(args, "udDpabEev:n:t:l:", LONG_NAMES);
  let direction: Direction = "up";
  let withoutEssentials = false;
  const values = new Map<string, string>();
  for (const { name, value } of options) {
    values.set(name, value);
    if (name === "u") direction = "up";
    else if (name === "d" || name === "D") direction = "down";
    if (name === "D" || name === "e") withoutEssentials = true;
    else if (name === "E") withoutEssentials = false;
  }
  const dryRun = values.get("n");
  const live = values.get("l") ?? DEFAULT_LIVE;
  if (live === "") throw new UsageError("an empty string is no live directory");
  return {
    live: live.replace(/(?<=.)\/+$/, ""),
    direction,
    prune: values.has("p"),
    all: values.has("a"),
    block: values.has("b"),
    withoutEssentials,
    verbosity: unsigned(values.get("v") ?? "1", "the verbosity"),
    dryRun: dryRun === undefined ? undefined : unsigned(dryRun, "the delay of a dry run"),
    timeout: unsigned(values.get("t") ?? "0", "the time limit"),
    names: rest,
  };
}
