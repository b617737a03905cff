import { hasControls, oneLine } from "../one_line.ts";

/** A column of a table whose rows are about things of some kind. */
export interface Column<Row> {
  readonly heading: string;
  /** Returns what stands in a row: the table makes it fit on a line. */
  readonly text: (row: Row) => string;
  /** Returns the colour of that. */
  readonly color?: (row: Row) => Color | undefined;
  /** Whether the texts are lined up at their right end. */
  readonly right?: boolean;
  /** Returns how many lines a text may take, in the last column; default: one, and it is cut there. */
  readonly lines?: (row: Row) => number;
  /** Where the terminal is too narrow, columns that have this are dropped, the least important first. */
  readonly importance?: number;
}

/** The colours that are used, as SGR parameters. */
const COLORS = { green: "32", yellow: "33", red: "31", dim: "2", bold: "1" } as const;

/** The name of a colour. */
export type Color = keyof typeof COLORS;

/** How a table is laid out. */
export interface Layout {
  /** How many columns of characters there are; undefined: as many as are needed. */
  readonly width: number | undefined;
  /** Whether colours are used. */
  readonly colors: boolean;
}

/** The least width of the last column: with less room, others are dropped. */
const LEAST_LAST = 24;
/** What does not fit into a last column that is narrower stands below its line, indented by so much. */
const LEAST_WRAPPED = 60;
const INDENT = 4;
const GAP = "  ";

/** Returns whether each unit of a text is a character: it has none that takes two (a surrogate pair). */
function isPlain(text: string): boolean {
  return !/[\ud800-\udbff]/.test(text);
}

/** Returns the number of characters of a text. */
function lengthOf(text: string): number {
  return isPlain(text) ? text.length : [...text].length;
}

/** Whether a text has no more than `width` characters: it has no more of them than units. */
function fits(text: string, width: number): boolean {
  return text.length <= width || lengthOf(text) <= width;
}

/** Returns a text in a colour. */
export function colored(
  text: string,
  color: Color | undefined,
  { colors }: Pick<Layout, "colors">,
) {
  return color === undefined || !colors || text === ""
    ? text
    : `\x1b[${COLORS[color]}m${text}\x1b[m`;
}

/** Cuts a text so that it has no more than `width` characters; the last one shows it. */
export function cut(text: string, width: number): string {
  return fits(text, width) ? text : `${[...text].slice(0, width - 1).join("")}…`;
}

/**
 * Breaks a text between words so that it fits.
 *
 * @param text The text.
 * @param width The width of a line.
 * @param most How many lines there may be: the last one is cut.
 */
export function wrap(text: string, width: number, most = Infinity): string[] {
  if (most === 1 || fits(text, width)) return [cut(text, width)];
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    const fits = lengthOf(line) + 1 + lengthOf(word) <= width;
    if (line === "" || fits || lines.length === most) {
      lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
    } else lines.push(word);
  }
  return lines.map((line) => cut(line, width));
}

/** A column with its texts. */
interface FilledColumn<Row> {
  readonly column: Column<Row>;
  /** The heading, then the text of each row. */
  readonly texts: readonly string[];
  /** How many characters the longest has. */
  readonly width: number;
  /** Whether each unit of each text is a character. */
  readonly isPlain: boolean;
  /** Whether it has something to tell: no text but its heading is no use. */
  readonly isOfUse: boolean;
}

/** Asks for all texts of a column. They are looked at at once: of thousands hardly one is no plain line. */
function fill<Row>(column: Column<Row>, rows: readonly Row[]): FilledColumn<Row> {
  const { heading, text } = column;
  const texts = [heading];
  let width = heading.length;
  for (let at = 0; at < rows.length; at++) {
    const cell = text(rows[at]!);
    texts.push(cell);
    if (cell.length > width) width = cell.length;
  }
  const all = texts.join("");
  const isOfUse = rows.length === 0 || all !== heading;
  if (isPlain(all) && !hasControls(all)) return { column, texts, width, isPlain: true, isOfUse };
  const lines = texts.map(oneLine);
  return {
    column,
    texts: lines,
    width: lines.reduce((most, line) => Math.max(most, lengthOf(line)), 0),
    isPlain: false,
    isOfUse,
  };
}

/** Adds the texts of a column that is not the last to the lines. */
function addTo<Row>(
  lines: string[],
  { column, texts, width, isPlain }: FilledColumn<Row>,
  rows: readonly Row[],
  layout: Layout,
): void {
  const { color, right = false } = column;
  if (isPlain && !layout.colors) return addPlain(lines, texts, width, right);
  for (let at = 0; at < lines.length; at++) {
    const text = texts[at]!;
    const shown = inColor(text, at, color, rows, layout);
    const space = " ".repeat(width - lengthOf(text));
    lines[at] += (right ? space + shown : shown + space) + GAP;
  }
}

/** Adds texts, each unit of which is a character: what most tables consist of. */
function addPlain(lines: string[], texts: readonly string[], width: number, right: boolean): void {
  const spaces = Array.from({ length: width + 1 }, (_, length) => " ".repeat(length));
  for (let at = 0; at < lines.length; at++) {
    const text = texts[at]!;
    const space = spaces[width - text.length]!;
    lines[at] += right ? space + text + GAP : text + space + GAP;
  }
}

/** Returns a text in its colour; the first of a column is its heading. */
function inColor<Row>(
  text: string,
  at: number,
  color: Column<Row>["color"],
  rows: readonly Row[],
  layout: Layout,
): string {
  if (!layout.colors) return text;
  return colored(text, at === 0 ? "dim" : color?.(rows[at - 1]!), layout);
}

const LAST_CONTROL = 0x20;
const FIRST_CONTROL = 0x7f;

/** Returns a line without the spaces at its end. Hardly one has any, and to look for them takes longer. */
function trimmed(line: string): string {
  const last = line.charCodeAt(line.length - 1);
  return last > LAST_CONTROL && last < FIRST_CONTROL ? line : line.trimEnd();
}

/** Adds the texts of the last column, which take the rest of the width, to the lines, or below them. */
function addLast<Row>(
  lines: readonly string[],
  { column, texts }: FilledColumn<Row>,
  rows: readonly Row[],
  layout: Layout,
  taken: number,
): string[] {
  const { width = Infinity } = layout;
  const { color, lines: mostLines } = column;
  const rest = Math.max(width - taken, 1);
  const drawn: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const text = texts[at]!;
    if (fits(text, rest)) {
      drawn.push(trimmed(lines[at]! + inColor(text, at, color, rows, layout)));
      continue;
    }
    const inItsColor = (part: string) => inColor(part, at, color, rows, layout);
    const most = at === 0 ? 1 : mostLines?.(rows[at - 1]!) ?? 1;
    const isBelow = most > 1 && rest < LEAST_WRAPPED;
    const parts = wrap(text, isBelow ? width - INDENT : rest, most);
    const [first, ...below] = isBelow ? ["", ...parts] : parts;
    drawn.push((lines[at]! + inItsColor(first!)).trimEnd());
    const indent = " ".repeat(isBelow ? INDENT : taken);
    for (const part of below) drawn.push(indent + inItsColor(part));
  }
  return drawn;
}

/** Returns the place of the column that can be done without best; -1 where there is none. */
function leastImportant<Row>(columns: readonly FilledColumn<Row>[]): number {
  let least = -1;
  let importance = Infinity;
  columns.forEach(({ column }, at) => {
    if (column.importance === undefined || column.importance >= importance) return;
    least = at;
    importance = column.importance;
  });
  return least;
}

/**
 * Draws a table. The last column takes the rest of the width; what is longer is cut, or goes on below.
 *
 * @param columns The columns. Those in which nothing stands but their heading are left out.
 * @param rows What the rows are about.
 * @param layout The width, and whether colours are used.
 * @returns The lines, the headings first.
 */
export function drawTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  layout: Layout,
): string[] {
  const filled = columns.map((column) => fill(column, rows)).filter(({ isOfUse }) => isOfUse);
  const last = filled.pop()!;
  const { width = Infinity } = layout;
  const taken = () => filled.reduce((sum, { width }) => sum + width + GAP.length, 0);
  while (taken() + LEAST_LAST > width) {
    const least = leastImportant(filled);
    if (least < 0) break;
    filled.splice(least, 1);
  }
  const lines = last.texts.map(() => "");
  for (const column of filled) addTo(lines, column, rows, layout);
  return addLast(lines, last, rows, layout, taken());
}
