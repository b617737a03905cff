import { UsageError } from "./usage_error.ts";

/** An option as it was given: its short name, and its argument if it takes one. */
export interface GivenOption {
  /** The short name, one character (or the long name, where it has no short one). */
  readonly name: string;
  /** Its argument; empty where it takes none. */
  readonly value: string;
}

/** What the options left over, and the options in the order in which they were given. */
export interface ParsedOptions {
  /** The options in the order in which they were given. */
  readonly options: readonly GivenOption[];
  /** The arguments after the options. */
  readonly rest: readonly string[];
}

/**
 * Reads options as getopt(3) does: they end at the first argument that is none, or at `--`.
 *
 * @param args The arguments.
 * @param short The option characters; one that takes an argument is followed by `:`.
 * @param long Long names of options, each with its short name or, where it has none, itself.
 */
export function parseOptions(
  args: readonly string[],
  short: string,
  long: Readonly<Record<string, string>> = {},
): ParsedOptions {
  const options: GivenOption[] = [];
  const arity = (name: string) => {
    const at = name.length === 1 && name !== ":" ? short.indexOf(name) : -1;
    return at < 0 ? undefined : short[at + 1] === ":" ? "value" : "flag";
  };
  let index = 0;
  for (; index < args.length; index++) {
    const argument = args[index]!;
    if (argument === "--") {
      index++;
      break;
    }
    if (!argument.startsWith("-") || argument === "-") break;
    if (argument.startsWith("--")) {
      const [, longName = "", , inline] = /^--([^=]*)(=([^]*))?$/.exec(argument)!;
      const name = Object.hasOwn(long, longName) ? long[longName] : undefined;
      if (name === undefined) throw new UsageError(`unknown option --${longName}`);
      const takesValue = name.length > 1 ? name.endsWith(":") : arity(name) === "value";
      const plain = name.length > 1 ? name.replace(/:$/, "") : name;
      if (!takesValue) {
        if (inline !== undefined) throw new UsageError(`option --${longName} takes no argument`);
        options.push({ name: plain, value: "" });
      } else {
        const value = inline ?? args[++index];
        if (value === undefined) throw new UsageError(`option --${longName} needs an argument`);
        options.push({ name: plain, value });
      }
      continue;
    }
    for (let at = 1; at < argument.length; at++) {
      const name = argument[at]!;
      const kind = arity(name);
      if (kind === undefined) throw new UsageError(`unknown option -${name}`);
      if (kind === "flag") {
        options.push({ name, value: "" });
        continue;
      }
      const value = argument.slice(at + 1) || args[++index];
      if (value === undefined) throw new UsageError(`option -${name} needs an argument`);
      options.push({ name, value });
      break;
    }
  }
  return { options, rest: args.slice(index) };
}

/** An option's argument as an unsigned integer of 32 bits. */
export function unsigned(value: string, what: string): number {
  if (!/^\d+$/.test(value) || Number(value) > 0xffffffff) {
    throw new UsageError(`${what} must be an unsigned integer, not '${value}'`);
  }
  return Number(value);
}
