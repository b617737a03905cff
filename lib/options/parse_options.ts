import { UsageError } from "./usage_error.ts";

/** One option of a command line. */
export interface GivenOption {
  /** Its short name, one character; the long name of an option that has no short one. */
  readonly name: string;
  /** Its argument; empty where it takes none. */
  readonly value: string;
  /** How it was written, for errors: `-t`, `--timeout`. */
  readonly spelling: string;
}

/** What an option for a span of time takes, for errors. */
export const MILLISECONDS = "a number of milliseconds";

/** What an option for a descriptor takes, for errors. */
export const DESCRIPTOR = "the number of a descriptor";

/** The least and the greatest value of a number. */
export interface Bounds {
  /** Default: 0. */
  readonly least?: number;
  /** Default: the greatest integer of 32 bits. */
  readonly most?: number;
}

/** What a command line consists of: options, and the arguments after them. */
export class ParsedOptions {
  /**
   * @param options The options, in the order in which they were given.
   * @param rest The arguments after the options.
   * @param beforeDashes How many of `rest` stand before `--`; undefined where there is no `--`.
   */
  constructor(
    readonly options: readonly GivenOption[],
    readonly rest: readonly string[],
    readonly beforeDashes?: number,
  ) {}

  /** Tells whether an option was given. */
  has(name: string): boolean {
    return this.lastOf(name) !== undefined;
  }

  /** Returns which of some options was given last: of those that exclude each other, it counts. */
  lastOf(...names: readonly string[]): string | undefined {
    return this.options.findLast(({ name }) => names.includes(name))?.name;
  }

  /** Returns the argument of an option, the last where it was given several times. */
  value(name: string): string | undefined {
    return this.values(name).at(-1);
  }

  /** Returns the arguments of an option that may be given several times. */
  values(name: string): string[] {
    return this.options.filter((option) => option.name === name).map(({ value }) => value);
  }

  /**
   * Returns the argument of an option as an unsigned integer.
   *
   * @param name The option.
   * @param what What it takes, for the error: {@linkcode MILLISECONDS}, say.
   * @param bounds The least and the greatest value.
   * @returns The number, or undefined where the option was not given.
   * @throws {UsageError} when the argument is no such number.
   */
  number(name: string, what: string, bounds: Bounds = {}): number | undefined {
    return this.options.filter((option) => option.name === name)
      .map((option) => numberOf(option, what, bounds)).at(-1);
  }
}

/** An option that a command does not have. */
export class UnknownOptionError extends UsageError {
  /**
   * Makes the error.
   *
   * @param option The option, with its dashes.
   * @param short The option characters of the command, as for {@linkcode parseOptions}.
   * @param long The long names of its options.
   */
  constructor(
    option: string,
    readonly short: string,
    readonly long: Readonly<Record<string, string>>,
  ) {
    super(`unknown option ${option}`);
  }
}

/**
 * Reads options as getopt(3) does: they end at `--`, or at the first argument that is no option, unless
 * they may stand anywhere.
 *
 * @param args The arguments.
 * @param short The option characters, each followed by `:` if it takes an argument.
 * @param long The long names of options. Each stands for a short name; one without a short name
 * stands for itself, followed by `:` if it takes an argument.
 * @param anywhere Whether options may come after other arguments, too.
 * @throws {UsageError} when an option is unknown, or lacks its argument.
 */
export function parseOptions(
  args: readonly string[],
  short: string,
  long: Readonly<Record<string, string>> = {},
  anywhere = false,
): ParsedOptions {
  const [first] = args;
  // A chain-loader has no options most of the time.
  if (!anywhere && (first === undefined || first === "-" || !first.startsWith("-"))) {
    return new ParsedOptions([], args);
  }
  return readOptions(args, short, long, anywhere);
}

function readOptions(
  args: readonly string[],
  short: string,
  long: Readonly<Record<string, string>>,
  anywhere: boolean,
): ParsedOptions {
  const options: GivenOption[] = [];
  const rest: string[] = [];
  const arity = (name: string) => {
    const at = name.length === 1 && name !== ":" ? short.indexOf(name) : -1;
    return at < 0 ? undefined : short[at + 1] === ":" ? "value" : "flag";
  };
  let index = 0;
  let beforeDashes: number | undefined;
  for (; index < args.length; index++) {
    const argument = args[index]!;
    if (argument === "--") {
      index++;
      beforeDashes = rest.length;
      break;
    }
    if (!argument.startsWith("-") || argument === "-") {
      if (!anywhere) break;
      rest.push(argument);
      continue;
    }
    if (argument.startsWith("--")) {
      const [, longName = "", , inline] = /^--([^=]*)(=([^]*))?$/.exec(argument)!;
      const name = Object.hasOwn(long, longName) ? long[longName] : undefined;
      if (name === undefined) throw new UnknownOptionError(`--${longName}`, short, long);
      const takesValue = name.length > 1 ? name.endsWith(":") : arity(name) === "value";
      const plain = name.length > 1 ? name.replace(/:$/, "") : name;
      if (!takesValue) {
        if (inline !== undefined) throw new UsageError(`option --${longName} takes no argument`);
        options.push({ name: plain, value: "", spelling: `--${longName}` });
      } else {
        const value = inline ?? args[++index];
        if (value === undefined) throw new UsageError(`option --${longName} needs an argument`);
        options.push({ name: plain, value, spelling: `--${longName}` });
      }
      continue;
    }
    for (let at = 1; at < argument.length; at++) {
      const name = argument[at]!;
      const kind = arity(name);
      if (kind === undefined) throw new UnknownOptionError(`-${name}`, short, long);
      if (kind === "flag") {
        options.push({ name, value: "", spelling: `-${name}` });
        continue;
      }
      const value = argument.slice(at + 1) || args[++index];
      if (value === undefined) throw new UsageError(`option -${name} needs an argument`);
      options.push({ name, value, spelling: `-${name}` });
      break;
    }
  }
  return new ParsedOptions(options, [...rest, ...args.slice(index)], beforeDashes);
}

/** The greatest unsigned integer of 32 bits. */
const MOST = 4_294_967_295;

/**
 * Reads an unsigned integer, by default of 32 bits.
 *
 * @param value Its digits.
 * @param subject What takes the number, for the error: "option -t takes a number of milliseconds".
 * @param bounds The least and the greatest value.
 * @throws {UsageError} when the value is no such number.
 */
export function unsigned(
  value: string,
  subject: string,
  { least = 0, most = MOST }: Bounds = {},
): number {
  const number = /^\d+$/.test(value) ? Number(value) : NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`${subject} from ${least} to ${most}, not '${value}'`);
}

/** Reads the argument of an option as an unsigned integer. */
export function numberOf(
  { spelling, value }: GivenOption,
  what: string,
  bounds: Bounds = {},
): number {
  return unsigned(value, `option ${spelling} takes ${what}`, bounds);
}
