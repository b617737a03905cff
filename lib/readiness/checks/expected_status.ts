/** A range of status codes. */
export interface StatusRange {
  /** The lowest status code in it. */
  readonly from: number;
  /** The highest status code in it. */
  readonly to: number;
}

/** The default: all status codes that mean success. */
export const SUCCESS = "200-299";

/**
 * Reads `200`, `200-399`, or several of them separated by commas.
 *
 * @returns undefined where the text is none of these.
 */
export function parseExpected(text: string): StatusRange[] | undefined {
  const ranges: StatusRange[] = [];
  for (const part of text.split(",")) {
    const match = /^\s*(\d{3})(?:-(\d{3}))?\s*$/.exec(part);
    if (match === null) return undefined;
    const from = Number(match[1]);
    const to = Number(match[2] ?? from);
    if (from > to) return undefined;
    ranges.push({ from, to });
  }
  return ranges;
}

/** Returns whether a status code is in one of the ranges. */
export function isExpected(ranges: readonly StatusRange[], status: number): boolean {
  return ranges.some(({ from, to }) => from <= status && status <= to);
}
