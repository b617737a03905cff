/**
 * What may follow on a command line of `sv`: found in what the commands say of themselves.
 *
 * @module
 */

import {
  documentedOperands,
  type DocumentedOption,
  documentedOptions,
} from "../documentation/documented_options.ts";
import { optionWords } from "../documentation/option_words.ts";

/** A command, as far as it is known before it is loaded. */
export interface CompletedCommand {
  /** Its name, of one or two words. */
  readonly name: string;
  /** Its other names. */
  readonly others: readonly string[];
  /** What it does, in one line. */
  readonly summary: string;
  /** Returns its usage line and its help. */
  describe(): Promise<{ readonly usage: string; readonly help: string }>;
}

/** What is on this machine. */
export interface Surroundings {
  /** The scan directory whose services are meant by their names. */
  readonly scanDirectory: string;
  /** Returns the names of the services of a scan directory. */
  services(scanDirectory: string): readonly string[];
  /** Returns the names of the templates in a scan directory, which end with `@`. */
  templates(scanDirectory: string): readonly string[];
  /** Returns the names of the services of `sv rc`. */
  definitions(live: string | undefined): Promise<readonly string[]>;
  /** Returns the names of the groups. */
  groups(): readonly string[];
  /** The names of the signals. */
  readonly signals: readonly string[];
}

/** A word that may follow. */
export interface Candidate {
  /** The word. */
  readonly value: string;
  /** What it means; empty where that is plain. */
  readonly about: string;
}

/** What may follow. */
export interface Completion {
  /** Words, which the shell need not filter. */
  readonly candidates: readonly Candidate[];
  /** What else may follow, which the shell knows better. */
  readonly also?: "files" | "directories" | "programs";
}

/** What an argument is, by the word that stands for it in a usage line. */
type Kind =
  | "instance"
  | "template"
  | "service"
  | "name"
  | "directory"
  | "file"
  | "program"
  | "group"
  | "signal"
  | "nothing";

const KINDS: Readonly<Record<string, Kind>> = {
  servicedir: "service",
  name: "name",
  instance: "instance",
  template: "template",
  scandir: "directory",
  fifodir: "directory",
  fifodir1: "directory",
  dir: "directory",
  source: "directory",
  live: "directory",
  prog: "program",
  program: "program",
  command: "program",
  lockfile: "file",
  pidfile: "file",
  file: "file",
  f: "file",
  path: "file",
  group: "group",
  gid: "group",
  signal: "signal",
};

/** A command line, as far as it was typed. */
interface Typed {
  /** The operands before the word that is typed. */
  readonly operands: readonly string[];
  /** The option whose argument is typed. */
  readonly option: DocumentedOption | undefined;
  /** Whether options have ended. */
  readonly ended: boolean;
  /** The arguments that options were given, by each of their names. */
  readonly values: ReadonlyMap<string, string>;
}

/** The longest explanation that a shell shows beside a word. */
const LONGEST_ABOUT = 60;

/** Returns the beginning of an explanation, as much as fits beside a word. */
function brief(about: string): string {
  const first = about.split(/[;.:(] |; /, 1)[0]!.trim();
  const short = first === "" ? about : first;
  return short.length <= LONGEST_ABOUT
    ? short
    : `${short.slice(0, LONGEST_ABOUT).replace(/\s+\S*$/, "")} …`;
}

/**
 * Reads a command line up to the word that is typed.
 *
 * @param follow How many operands may come before options.
 */
function readTyped(
  args: readonly string[],
  options: readonly DocumentedOption[],
  follow: number,
): Typed {
  const operands: string[] = [];
  const values = new Map<string, string>();
  let ended = false;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (ended || operands.length > follow || !arg.startsWith("-") || arg === "-") {
      operands.push(arg);
    } else if (arg === "--") ended = true;
    else {
      // The last of several letters may take the next word.
      const name = arg.startsWith("--") ? arg : `-${arg.at(-1)}`;
      const option = options.find(({ names }) => names.includes(arg)) ??
        options.find(({ names }) => names.includes(name));
      if (option?.argument === undefined) continue;
      if (at + 1 === args.length) return { operands, option, ended, values };
      for (const name of option.names) values.set(name, args[at + 1]!);
      at++;
    }
  }
  return { operands, option: undefined, ended, values };
}

const startingWith = (current: string, candidates: readonly Candidate[]) =>
  candidates.filter(({ value }) => value.startsWith(current));

const plain = (values: readonly string[]) => values.map((value) => ({ value, about: "" }));

/** Completes a list with commas between: the part after the last. */
function listCandidates(current: string, words: readonly string[]): Candidate[] {
  const done = current.slice(0, current.lastIndexOf(",") + 1);
  return startingWith(current, plain(words.map((word) => `${done}${word}`)));
}

class Completer {
  readonly #surroundings: Surroundings;
  readonly #name: string;
  readonly #typed: Typed;
  readonly #current: string;

  constructor(surroundings: Surroundings, name: string, typed: Typed, current: string) {
    this.#surroundings = surroundings;
    this.#name = name;
    this.#typed = typed;
    this.#current = current;
  }

  async argument(word: string): Promise<Completion> {
    const kind = KINDS[word.replace("...", "").toLowerCase()] ?? "nothing";
    const { groups, signals } = this.#surroundings;
    switch (kind) {
      case "service":
        return { candidates: this.#servicePaths(), also: "directories" };
      case "instance":
        if (this.#name === "instance create") return this.#templates();
        return { candidates: startingWith(this.#current, plain(this.#instances())) };
      case "template":
        return this.#templates();
      case "name":
        return { candidates: startingWith(this.#current, plain(await this.#names())) };
      case "directory":
        return { candidates: [], also: "directories" };
      case "file":
        return { candidates: [], also: "files" };
      case "program":
        return { candidates: [], also: "programs" };
      case "group":
        return { candidates: startingWith(this.#current, plain(groups())) };
      case "signal":
        return { candidates: startingWith(this.#current.toUpperCase(), plain(signals)) };
      case "nothing":
        return { candidates: [] };
    }
  }

  /** Completes templates; directories, too, since a template may be anywhere for s6's layout. */
  #templates(): Completion {
    const { scanDirectory, templates } = this.#surroundings;
    const candidates = startingWith(this.#current, plain(templates(scanDirectory)));
    return { candidates, also: "directories" };
  }

  #instances(): string[] {
    const { scanDirectory, services } = this.#surroundings;
    return services(scanDirectory).filter((name) => /^[^/]+@[^/]+$/.test(name));
  }

  /** Returns the paths of services whose path, or whose name, begins with what was typed. */
  #servicePaths(): Candidate[] {
    const { scanDirectory, services } = this.#surroundings;
    return services(scanDirectory)
      .map((name) => ({ value: `${scanDirectory}/${name}`, about: "", name }))
      .filter(({ value, name }) =>
        value.startsWith(this.#current) || name.startsWith(this.#current)
      )
      .map(({ value, about }) => ({ value, about }));
  }

  async #names(): Promise<readonly string[]> {
    const { scanDirectory, services, definitions } = this.#surroundings;
    const { operands, values } = this.#typed;
    if (/^rc\b/.test(this.#name)) return await definitions(values.get("-l"));
    if (this.#name === "new") return [];
    return services(this.#name === "unlink" ? operands[0] ?? scanDirectory : scanDirectory);
  }
}

/** Returns what may follow in a command line of a command. */
async function completeCommand(
  { name, describe }: CompletedCommand,
  args: readonly string[],
  surroundings: Surroundings,
): Promise<Completion> {
  const { usage, help } = await describe();
  const current = args.at(-1)!;
  const options = documentedOptions(usage, help);
  // A usage line that begins with an operand has options behind that.
  const follow = /^[a-z]/.test(usage) && usage.includes("[ -") ? 1 : 0;
  const typed = readTyped(args.slice(0, -1), options, follow);
  const completer = new Completer(surroundings, name, typed, current);
  if (typed.option !== undefined) {
    const words = optionWords(usage, help, typed.option);
    if (words.length > 0) return { candidates: listCandidates(current, words) };
    return await completer.argument(typed.option.argument!);
  }
  const { operands, ended } = typed;
  if (current.startsWith("-") && !ended && operands.length <= follow) {
    const all = options.flatMap(({ names, about }) =>
      names.map((value) => ({ value, about: brief(about) }))
    );
    return { candidates: startingWith(current, all) };
  }
  const wanted = documentedOperands(usage);
  const index = wanted.findIndex((word, index) =>
    index === operands.length || word.endsWith("...")
  );
  const word = wanted[index] ?? "";
  if (word.includes("|")) return { candidates: startingWith(current, plain(word.split("|"))) };
  // What follows a program belongs to that.
  if (KINDS[word.replace("...", "")] === "program" && operands.length > index) {
    return { candidates: [], also: "files" };
  }
  return await completer.argument(word);
}

/** Returns the words at one place of the names of commands, each once. */
function nameCandidates(
  commands: readonly CompletedCommand[],
  before: readonly string[],
  current: string,
): Candidate[] {
  const found = new Map<string, string>();
  for (const { name, others, summary } of commands) {
    // All names are many: without a letter, each command is shown once.
    for (const full of [name, ...current === "" ? [] : others]) {
      // The programs of s6 are known to those who type that much.
      if (full.startsWith("s6-") && !current.startsWith("s")) continue;
      const words = full.split(" ");
      const word = words[before.length];
      if (word === undefined || before.some((other, index) => words[index] !== other)) continue;
      const isWhole = words.length === before.length + 1;
      if (isWhole || !found.has(word)) found.set(word, isWhole ? summary : `${word} …`);
    }
  }
  return startingWith(current, [...found].map(([value, about]) => ({ value, about })));
}

/**
 * Returns what may follow on a command line.
 *
 * @param words What follows `sv`, up to the word that is typed, which may be empty.
 * @param commands All commands.
 * @param surroundings What is on this machine.
 */
export async function complete(
  words: readonly string[],
  commands: readonly CompletedCommand[],
  surroundings: Surroundings,
): Promise<Completion> {
  const current = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const others = [{ value: "help", about: "what a command does" }, {
    value: "--version",
    about: "",
  }];
  if (before.length === 0) {
    const names = nameCandidates(commands, [], current);
    return { candidates: [...names, ...startingWith(current, others)] };
  }
  if (before[0] === "help") {
    const rest = before.slice(1).filter((word) => word !== "--man");
    const man = rest.length === 0 ? [{ value: "--man", about: "its manual page" }] : [];
    return {
      candidates: [...nameCandidates(commands, rest, current), ...startingWith(current, man)],
    };
  }
  const named = (name: string) =>
    commands.find((command) => [command.name, ...command.others].includes(name));
  const two = before.length < 2 ? undefined : named(`${before[0]} ${before[1]}`);
  if (two !== undefined) return await completeCommand(two, words.slice(2), surroundings);
  const seconds = before.length === 1 ? nameCandidates(commands, before, current) : [];
  const one = named(before[0]!);
  if (seconds.length > 0 || one === undefined) return { candidates: seconds };
  return await completeCommand(one, words.slice(1), surroundings);
}
