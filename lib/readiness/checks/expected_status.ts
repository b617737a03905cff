/** A range of status codes, both ends included. */
export interface StatusRange {
  /** The lowest. */
  readonly from: number;
  /** The highest. */
  readonly to: number;
}

/** What is expected where nothing is said: success. */
export const SUCCESS = "200-299";

/**
 * Reads `200`, `200-399` or several with commas between.
 *
 * @returns undefined where it is none of these.
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

/** Whether a status code is in one of the ranges. */
export function isExpected(ranges: readonly StatusRange[], status: number): boolean {
  return ranges.some(({ from, to }) => from <= status && status <= to);
}
