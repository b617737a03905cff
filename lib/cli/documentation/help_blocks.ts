/** An entry of a list in a help: an option and what it does, say. */
export interface HelpEntry {
  /** How deep it is indented. */
  readonly indent: number;
  /** The left column: what is explained. */
  readonly tag: string;
  /** The right column, its lines joined; empty where there is none. */
  readonly text: string;
}

/** A paragraph of a help, or a list. */
export type HelpBlock =
  | { readonly kind: "paragraph"; readonly text: string }
  | { readonly kind: "list"; readonly entries: readonly HelpEntry[] };

/** An entry that may go on on the next line. */
interface OpenEntry {
  readonly indent: number;
  readonly tag: string;
  text: string;
  /** Where the right column begins. */
  readonly column: number;
}

function entryOf(line: string): OpenEntry {
  const [, blank = "", tag = "", gap = "", text = ""] = /^( +)(\S.*?)(?:( {2,})(\S.*))?$/.exec(
    line,
  )!;
  const indent = blank.length;
  // A bullet is a tag of its own.
  if (tag.startsWith("- ")) {
    return { indent, tag: "-", text: line.trim().slice(2), column: indent + 2 };
  }
  // Several options, each with a word: one entry for all of them.
  const chunks = line.trim().split(/ {2,}/);
  const row = chunks.filter((chunk) => /^-\w [A-Z0-9]+$/.test(chunk));
  if (row.length > 1) {
    const rest = chunks.filter((chunk) => !row.includes(chunk)).join(" ");
    return { indent, tag: row.join("  "), text: rest, column: indent + 1 };
  }
  const column = text === "" ? indent + 1 : indent + tag.length + gap.length;
  return { indent, tag, text, column };
}

/** Reads a help: paragraphs that are not indented, and lists that are. */
export function helpBlocks(help: string): HelpBlock[] {
  const blocks: HelpBlock[] = [];
  let paragraph: string[] = [];
  let entries: OpenEntry[] = [];
  const endParagraph = () => {
    if (paragraph.length > 0) blocks.push({ kind: "paragraph", text: paragraph.join(" ") });
    paragraph = [];
  };
  const endList = () => {
    const done = entries.map(({ indent, tag, text }) => ({ indent, tag, text }));
    if (entries.length > 0) blocks.push({ kind: "list", entries: done });
    entries = [];
  };
  for (const line of help.replace(/^\n+|\s+$/g, "").split("\n")) {
    const last = entries.at(-1);
    const indent = line.length - line.trimStart().length;
    if (line.trim() === "") {
      endParagraph();
      endList();
    } else if (indent === 0) {
      endList();
      paragraph.push(line);
    } else {
      endParagraph();
      const goesOn = last !== undefined &&
        (indent >= last.column || indent >= last.indent + 4 && !/\S {2,}\S|^ *-/.test(line));
      if (goesOn) {
        last.text += `${last.text === "" ? "" : " "}${line.trim()}`;
      } else entries.push(entryOf(line));
    }
  }
  endParagraph();
  endList();
  return blocks;
}
