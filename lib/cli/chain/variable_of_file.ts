/** How a file of `sv envdir` becomes a variable. */
export interface FileReading {
  /** Take the whole file, and not only its first line. */
  readonly whole: boolean;
  /** Keep blanks at the end of the line, or the last newline of the whole file. */
  readonly keepEnd: boolean;
  /** The byte that stands in for NUL, which no variable can hold. */
  readonly instead: number;
}

const NEWLINE = 10;
const BLANKS = [32, 9, 13];

/**
 * Returns the value of the variable that a file of `sv envdir` makes, ended by a NUL; undefined for an
 * empty file, which removes the variable.
 */
export function variableOfFile(
  content: Uint8Array,
  { whole, keepEnd, instead }: FileReading,
): Uint8Array<ArrayBuffer> | undefined {
  if (content.length === 0) return undefined;
  const newline = content.indexOf(NEWLINE);
  let end = whole || newline < 0 ? content.length : newline;
  if (!keepEnd) {
    if (whole) { if (content[end - 1] === NEWLINE) end--; }
    else while (end > 0 && BLANKS.includes(content[end - 1]!)) end--;
  }
  const value = new Uint8Array(end + 1);
  value.set(content.subarray(0, end));
  for (let at = value.indexOf(0); at < end; at = value.indexOf(0, at)) value[at] = instead;
  return value;
}
