/** How a cell is shown. */
export interface Cell {
  readonly text: string;
  /** Whether the column is lined up at its right end. */
  readonly right?: boolean;
  /** The colour of the text. */
  readonly color?: Color;
  /** How many lines it may take, in the last column; default: one, and it is cut there. */
  readonly lines?: number;
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

/** A column of a table. */
interface Column {
  /** How many characters each of its texts has, from the heading down. */
  readonly lengths: readonly number[];
  /** How many the longest has. */
  readonly width: number;
  /** Whether nothing stands in it but its heading. */
  readonly isEmpty: boolean;
}

/** Measures a column: all of its texts are looked at for long characters at once, not each one. */
function measure(texts: readonly string[]): Column {
  const lengthIn = isPlain(texts.join("")) ? (text: string) => text.length : lengthOf;
  const lengths = texts.map(lengthIn);
  let width = 0;
  let below = 0;
  lengths.forEach((length, row) => {
    if (length > width) width = length;
    if (row > 0) below += length;
  });
  return { lengths, width, isEmpty: texts.length > 1 && below === 0 };
}

function padded({ text, right = false, color }: Cell, spaces: number, layout: Layout): string {
  const space = spaces === 0 ? "" : " ".repeat(spaces);
  const shown = colored(text, color, layout);
  return right ? space + shown : shown + space;
}

/**
 * Draws a table. The last column takes the rest of the width; what is longer is cut, or goes on below.
 *
 * @param rows The rows, the headings first; each has the same number of cells.
 * @param layout The width, and whether colours are used.
 * @param dropped Columns to drop, in this order, where the width is too small for all.
 * @returns The lines.
 */
export function drawTable(
  rows: readonly (readonly Cell[])[],
  layout: Layout,
  dropped: readonly number[] = [],
): string[] {
  const measured = rows[0]!.map((_, column) => measure(rows.map((row) => row[column]!.text)));
  // A column in which nothing stands but its heading is no use.
  let columns = measured.map((_, column) => column).filter((column) => !measured[column]!.isEmpty);
  const before = () =>
    columns.slice(0, -1).reduce((sum, column) => sum + measured[column]!.width + GAP.length, 0);
  const { width = Infinity } = layout;
  for (const column of dropped) {
    if (before() + LEAST_LAST <= width) break;
    columns = columns.filter((other) => other !== column);
  }
  const taken = before();
  const rest = Math.max(width - taken, 1);
  const last = columns.at(-1)!;
  const others = columns.slice(0, -1);
  return rows.flatMap((row, index) => {
    const { text, color, lines = 1 } = row[last]!;
    const isBelow = lines > 1 && rest < LEAST_WRAPPED && !fits(text, rest);
    const indent = isBelow ? INDENT : taken;
    const parts = wrap(text, isBelow ? width - INDENT : rest, lines);
    const [first, ...below] = (isBelow ? ["", ...parts] : parts)
      .map((line) => colored(line, color, layout));
    const left = others.map((column) => {
      const { lengths, width } = measured[column]!;
      return padded(row[column]!, width - lengths[index]!, layout);
    });
    return [
      [...left, first].join(GAP).trimEnd(),
      ...below.map((line) => " ".repeat(indent) + line),
    ];
  });
}
