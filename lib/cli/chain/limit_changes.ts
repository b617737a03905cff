import {
  type Limit,
  type LimitChange,
  NO_LIMIT,
  readLimit,
  Resource,
} from "../../os/resource_limits.ts";
import type { GivenOption } from "../../options/parse_options.ts";
import { UsageError } from "../../options/usage_error.ts";

const DATA = [Resource.DATA, "the size of the data"] as const;
const STACK = [Resource.STACK, "the size of the stack"] as const;
const LOCKED = [Resource.LOCKED, "locked memory"] as const;
const ADDRESS_SPACE = [Resource.ADDRESS_SPACE, "the address space"] as const;

/** The limits that an option sets. */
const LIMITS: Readonly<Record<string, readonly (readonly [resource: number, what: string])[]>> = {
  a: [ADDRESS_SPACE],
  c: [[Resource.CORE, "the size of core files"]],
  d: [DATA],
  f: [[Resource.FILE_SIZE, "the size of files"]],
  l: [LOCKED],
  m: [DATA, STACK, LOCKED, ADDRESS_SPACE],
  o: [[Resource.OPEN_FILES, "open files"]],
  P: [[Resource.REALTIME_PRIORITY, "the real-time priority"]],
  p: [[Resource.PROCESSES, "processes"]],
  r: [[Resource.RESIDENT, "resident memory"]],
  s: [STACK],
  t: [[Resource.CPU_SECONDS, "the time of the processor"]],
};

/** The letters of the options, as `parseOptions` takes them. */
export const LIMIT_OPTIONS = `hH${Object.keys(LIMITS).map((letter) => `${letter}:`).join("")}`;

/** Which of the two limits is set: `-h` the hard one, `-H` both. */
type Mode = "soft" | "hard" | "both";

function parseValue({ spelling, value }: GivenOption): bigint | "=" {
  if (value === "=") return value;
  const number = /^\d+$/.test(value) ? BigInt(value) : -1n;
  if (number >= 0n && number <= NO_LIMIT) return number;
  throw new UsageError(
    `option ${spelling} takes a number from 0 to ${NO_LIMIT}, or =, not '${value}'`,
  );
}

const lesser = (one: bigint, other: bigint) => one < other ? one : other;

/** Returns a limit as an option changes it. */
function change({ soft, hard }: Limit, mode: Mode, value: bigint | "="): Limit {
  if (value === "=") {
    const newHard = mode === "soft" ? hard : NO_LIMIT;
    return { soft: mode === "hard" ? soft : newHard, hard: newHard };
  }
  const newHard = mode === "soft" ? hard : value;
  return { soft: lesser(mode === "hard" ? soft : value, newHard), hard: newHard };
}

/**
 * Returns what options change, in their order: `-h` and `-H` count for those after them.
 *
 * @param options The options.
 * @param read Reads a limit of this process.
 */
export function limitChanges(
  options: readonly GivenOption[],
  read: (resource: number) => Limit = readLimit,
): LimitChange[] {
  const now = new Map<number, Limit>();
  const changes: LimitChange[] = [];
  let mode: Mode = "soft";
  for (const option of options) {
    if (option.name === "h") mode = "hard";
    else if (option.name === "H") mode = "both";
    else {
      const value = parseValue(option);
      for (const [resource, what] of LIMITS[option.name]!) {
        const limit = change(now.get(resource) ?? read(resource), mode, value);
        now.set(resource, limit);
        changes.push({ resource, what, limit });
      }
    }
  }
  return changes;
}
