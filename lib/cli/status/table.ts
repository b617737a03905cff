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

/** Returns the number of characters of a text. */
function lengthOf(text: string): number {
  return /^[ -~]*$/.test(text) ? text.length : [...text].length;
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
  return lengthOf(text) <= width ? text : `${[...text].slice(0, width - 1).join("")}…`;
}

/**
 * Breaks a text between words so that it fits.
 *
 * @param text The text.
 * @param width The width of a line.
 * @param most How many lines there may be: the last one is cut.
 */
export function wrap(text: string, width: number, most = Infinity): string[] {
  if (most === 1 || lengthOf(text) <= width) return [cut(text, width)];
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

function padded({ text, right = false, color }: Cell, width: number, layout: Layout): string {
  const space = " ".repeat(width - lengthOf(text));
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
  const count = rows[0]!.length;
  const widths = Array.from(
    { length: count },
    (_, column) => Math.max(...rows.map((row) => lengthOf(row[column]!.text))),
  );
  let columns = widths.map((_, column) => column)
    // A column in which nothing stands but its heading is no use.
    .filter((column) => rows.length === 1 || rows.slice(1).some((row) => row[column]!.text !== ""));
  const before = () =>
    columns.slice(0, -1).reduce((sum, column) => sum + widths[column]! + GAP.length, 0);
  const { width = Infinity } = layout;
  for (const column of dropped) {
    if (before() + LEAST_LAST <= width) break;
    columns = columns.filter((other) => other !== column);
  }
  const taken = before();
  const rest = Math.max(width - taken, 1);
  const last = columns.at(-1)!;
  const others = columns.slice(0, -1);
  return rows.flatMap((row) => {
    const { text, color, lines = 1 } = row[last]!;
    const isBelow = lines > 1 && rest < LEAST_WRAPPED && lengthOf(text) > rest;
    const indent = isBelow ? INDENT : taken;
    const parts = wrap(text, isBelow ? width - INDENT : rest, lines);
    const [first, ...below] = (isBelow ? ["", ...parts] : parts)
      .map((line) => colored(line, color, layout));
    const left = others.map((column) => padded(row[column]!, widths[column]!, layout));
    return [
      [...left, first].join(GAP).trimEnd(),
      ...below.map((line) => " ".repeat(indent) + line),
    ];
  });
}
