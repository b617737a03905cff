import type { Example } from "./example.ts";
import { type HelpBlock, helpBlocks } from "./help_blocks.ts";

/** What the manual page of a command is made of. */
export interface DocumentedCommand {
  /** Its name, of one or two words. */
  readonly name: string;
  /** The program of s6 that does the same, if there is one. */
  readonly counterpart?: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** What follows the name in the line of usage. */
  readonly usage: string;
  /** Its help. */
  readonly help: string;
  /** Its examples. */
  readonly examples: readonly Example[];
}

/** Returns a text as roff prints it: no control lines, no escapes, ASCII quotes and dashes as typed. */
function escape(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("'", "\\(aq")
    .replaceAll("`", "\\(ga")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti")
    .replaceAll("…", "...")
    .replaceAll(/[^\0-\x7f]/gu, (character) => `\\[u${hex(character)}]`)
    .replaceAll(/^\./gm, "\\&.");
}

const hex = (character: string) =>
  character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");

/** How long a line of a page's source is at most. */
const WIDTH = 78;

/** Returns a text as lines that roff fills. */
function filled(text: string): string {
  const lines: string[] = [];
  for (const word of escape(text).split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines.map((line) => line.startsWith(".") ? `\\&${line}` : line).join("\n");
}

/** Returns a macro with one argument. */
const macro = (name: string, text: string) => `.${name} "${escape(text).replaceAll('"', "\\(dq")}"`;

/** How far a list is indented beneath its parent, in columns of a help. */
const NESTED = 3;

function listLines(entries: Extract<HelpBlock, { kind: "list" }>["entries"]): string[] {
  const lines: string[] = [];
  const least = Math.min(...entries.filter(({ tag }) => tag !== "-").map(({ indent }) => indent));
  let nested = false;
  for (const { indent, tag, text } of entries) {
    // A short option without a long one is indented less than a long one without a short one.
    const isNested = indent >= least + 2 && !tag.startsWith("-");
    if (isNested !== nested) lines.push(isNested ? `.RS ${NESTED}` : ".RE");
    nested = isNested;
    if (tag === "-") lines.push(".IP \\(bu 2");
    else lines.push(".TP", macro("B", tag));
    if (text !== "") lines.push(filled(text));
  }
  if (nested) lines.push(".RE");
  return lines;
}

/** Returns the lines of a help: its paragraphs and lists, and a section for its exit codes. */
function helpLines(help: string): string[] {
  let first = true;
  let exit = false;
  return helpBlocks(help).flatMap((block) => {
    const [, codes] = block.kind === "paragraph" && /^Exit codes: (.*)$/.exec(block.text) || [];
    const exits = codes ??
      (block.kind === "paragraph" && /^Exits \d/.test(block.text) ? block.text : undefined);
    const wasFirst = first;
    first = false;
    if (exits !== undefined && !exit) {
      exit = true;
      return [".SH EXIT STATUS", filled(exits)];
    }
    if (block.kind === "paragraph") return [...wasFirst ? [] : [".PP"], filled(block.text)];
    return listLines(block.entries);
  });
}

function exampleLines(examples: readonly Example[]): string[] {
  if (examples.length === 0) return [];
  return [
    ".SH EXAMPLES",
    ...examples.flatMap((
      { purpose, line },
    ) => [".TP", filled(purpose), ".nf", escape(line), ".fi"]),
  ];
}

function header(title: string, version: string): string {
  return `.TH "${escape(title.toUpperCase())}" "1" "" "sv ${escape(version)}" "sv"`;
}

/** Returns the title of a command's manual page: `sv-rc-start`. */
export function manTitle(name: string): string {
  return `sv-${name.replaceAll(" ", "-")}`;
}

/**
 * Returns the manual page of a command, for man(1).
 *
 * @param command The command.
 * @param version The version of `sv`.
 * @param others The names of the commands that belong to it.
 */
export function manPage(
  { name, counterpart, summary, usage, help, examples }: DocumentedCommand,
  version: string,
  others: readonly string[],
): string {
  const related = others.filter((other) => other !== name).map((other) => `${manTitle(other)}(1)`);
  return [
    header(manTitle(name), version),
    ".SH NAME",
    `${escape(manTitle(name))} \\- ${filled(summary)}`,
    ".SH SYNOPSIS",
    macro("B", `sv ${name}`),
    filled(usage),
    ...counterpart === undefined ? [] : [
      ".PP",
      filled(`As ${counterpart}, through a symbolic link of that name, it takes what that takes.`),
    ],
    ".SH DESCRIPTION",
    ...helpLines(help),
    ...exampleLines(examples),
    ".SH SEE ALSO",
    filled(["sv(1)", ...related].join(", ")),
    "",
  ].join("\n");
}

/** Commands under one heading. */
export interface DocumentedGroup {
  /** The heading. */
  readonly heading: string;
  /** What the commands are for. */
  readonly about: string;
  /** The commands. */
  readonly commands: readonly Pick<DocumentedCommand, "name" | "summary">[];
}

/** Returns the manual page of `sv` itself, which lists the commands. */
export function mainManPage(groups: readonly DocumentedGroup[], version: string): string {
  return [
    header("sv", version),
    ".SH NAME",
    "sv \\- a process supervisor that knows when a service is ready",
    ".SH SYNOPSIS",
    macro("B", "sv"),
    "command ...",
    ".SH DESCRIPTION",
    filled("Each command has a manual page of its own, and --help. sv help lists them."),
    ...groups.flatMap(({ heading, about, commands }) => [
      macro("SS", heading),
      filled(`${about[0]!.toUpperCase()}${about.slice(1)}.`),
      ...commands.flatMap((
        { name, summary },
      ) => [".TP", macro("B", `sv ${name}`), filled(summary)]),
    ]),
    ".SH SEE ALSO",
    filled(
      groups.flatMap(({ commands }) => commands.map(({ name }) => `${manTitle(name)}(1)`)).join(
        ", ",
      ),
    ),
    "",
  ].join("\n");
}
