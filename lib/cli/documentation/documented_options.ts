import { helpBlocks } from "./help_blocks.ts";

/** An option, as the help of its command has it. */
export interface DocumentedOption {
  /** Its names, with their dashes: `-t` and `--timeout`, say. */
  readonly names: readonly string[];
  /** What its argument is called there; absent where it takes none. */
  readonly argument?: string;
  /** What it does. */
  readonly about: string;
}

const NAME = /^(-\w{1,2}|--[a-z][\w-]*)(?:(?:=| )(\S+))?$/;

/** Reads the left column of an option: names, with commas between, and the argument after the last. */
function readTag(tag: string, about: string): DocumentedOption[] {
  const parts = tag.split(/, ?(?=-)/).map((part) => NAME.exec(part));
  if (parts.length === 0 || parts.some((part) => part === null)) return [];
  const names = parts.map((part) => part![1]!);
  const words = parts.flatMap((part) => part![2] === undefined ? [] : [part![2]!]);
  // Several options with an argument each are several options, and not one with several names.
  if (words.length > 1 && !(words.length === 2 && words[0] === words[1])) {
    return parts.map((part) => ({
      names: [part![1]!],
      ...part![2] !== undefined && { argument: part![2]! },
      about,
    }));
  }
  return [{ names, ...words[0] !== undefined && { argument: words[0] }, about }];
}

/** Reads a line with several options, each with what it stands for: `-a ALRM  -b ABRT`. */
function readRow(line: string): DocumentedOption[] {
  const chunks = line.split(/ {2,}/);
  const options = chunks.filter((chunk) => /^-\w [A-Z0-9]+$/.test(chunk));
  if (options.length < 2) return [];
  const rest = chunks.filter((chunk) => !options.includes(chunk)).join(" ");
  return options.map((chunk) => {
    const [name = "", what = ""] = chunk.split(" ");
    return { names: [name], about: rest === "" ? what : `${what} ${rest}` };
  });
}

/** Returns the options that stand in parentheses at the end of an entry: `(-p, -g)`. */
function readParentheses(tag: string, text: string): DocumentedOption[] {
  const [, list] = /\((-\w(?:, -\w)*)\)$/.exec(text) ?? [];
  const about = text.replace(/\s*\(-.*\)$/, "");
  const fields = tag.split(", ");
  return (list?.split(", ") ?? []).map((name, index, { length }) => ({
    names: [name],
    about: length === fields.length && length > 1 ? fields[index]! : about,
  }));
}

/** Returns the options in brackets in the usage line, where several letters may have one dash. */
function readUsage(usage: string, explained: ReadonlySet<string>): DocumentedOption[] {
  return [...usage.matchAll(/\[ ?(-[^\]]*)\]/g)].flatMap(([, inside]) =>
    inside!.split("|").flatMap((alternative) => {
      const [name = "", argument] = alternative.trim().split(/ +/);
      if (/^--[a-z][\w-]*$/.test(name) || /^-\w$/.test(name)) {
        return [{ names: [name], ...argument !== undefined && { argument }, about: "" }];
      }
      const letters = explained.has(name) ? "" : /^-(\w+)$/.exec(name)?.[1] ?? "";
      return [...letters].map((letter) => ({ names: [`-${letter}`], about: "" }));
    })
  );
}

/**
 * Returns the options of a command, from its help and its usage line: each name once, the best
 * explained first.
 *
 * @param usage What follows the command's name in its line of usage.
 * @param help Its help.
 */
export function documentedOptions(usage: string, help: string): DocumentedOption[] {
  const entries = helpBlocks(help).flatMap((block) => block.kind === "list" ? block.entries : []);
  const found = entries.flatMap(({ tag, text }) => {
    const row = readRow(`${tag}  ${text}`);
    return row.length > 0
      ? row
      : tag.startsWith("-")
      ? readTag(tag, text)
      : readParentheses(tag, text);
  });
  const seen = new Set<string>();
  const explained = new Set(found.flatMap(({ names }) => names));
  return [...found, ...readUsage(usage, explained)].flatMap((option) => {
    const names = option.names.filter((name) => !seen.has(name));
    for (const name of names) seen.add(name);
    return names.length === 0 ? [] : [{ ...option, names }];
  });
}

/** Returns the operands of a command, from its usage line: without brackets, the last with its dots. */
export function documentedOperands(usage: string): string[] {
  let depth = 0;
  let inOption = 0;
  let bare = "";
  for (let at = 0; at < usage.length; at++) {
    const character = usage[at]!;
    if (character === "[") {
      depth++;
      if (inOption === 0 && /^\[ ?-/.test(usage.slice(at))) inOption = depth;
    } else if (character === "]") {
      if (inOption === depth--) {
        inOption = 0;
        if (usage.startsWith("...", at + 1)) at += 3;
      }
    } else if (inOption === 0) bare += character;
  }
  return bare.split(/\s+/).filter((word) => /^[a-z][\w|-]*(\.\.\.)?$/.test(word));
}
