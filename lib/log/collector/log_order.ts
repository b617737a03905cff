import { splitWords } from "../../options/split_words.ts";
import { UsageError } from "../../options/usage_error.ts";

/** How the output of a service is logged. */
export interface LogOrder {
  /** The log directory; undefined where the scan's `--log` tells it. */
  readonly directory?: string;
  /** What stands before each line, in this order: `t`: TAI64N, `T`: local time. */
  readonly stamps: "t" | "T" | "tT";
  /** `n`: how many archives are kept. */
  readonly archives: number;
  /** `s`: how many bytes a file has at most. */
  readonly fileSize: number;
  /** `S`: how many bytes all archives may have; 0: no limit. */
  readonly totalSize: number;
}

/** The order where a file `data/sv/log` is empty, or there is only the scan's `--log`. */
export const DEFAULT_ORDER: LogOrder = {
  stamps: "t",
  archives: 10,
  fileSize: 99_999,
  totalSize: 0,
};

/** The field that a directive with a number sets, and its bounds. */
const NUMBERS = {
  n: { field: "archives", least: 0, most: 1_000_000 },
  s: { field: "fileSize", least: 4096, most: 268_435_455 },
  S: { field: "totalSize", least: 0, most: Number.MAX_SAFE_INTEGER },
} as const;

/**
 * Reads the content of `data/sv/log`: directives of s6-log's script, then the directory, if it is named.
 *
 * @throws {UsageError} that says which word is wrong.
 */
export function parseLogOrder(text: string): LogOrder {
  const order: { -readonly [Key in keyof LogOrder]: LogOrder[Key] } = { ...DEFAULT_ORDER };
  let stamps = "";
  for (const word of splitWords(text)) {
    if (order.directory !== undefined) {
      throw new UsageError(`nothing may follow the directory ${order.directory}: ${word}`);
    }
    const [, letter, digits] = /^([nsS])(\d{1,15})$/.exec(word) ?? [];
    if (letter !== undefined) {
      const { field, least, most } = NUMBERS[letter as keyof typeof NUMBERS];
      const value = Number(digits);
      if (value < least || value > most) {
        throw new UsageError(`${word}: the number must be from ${least} to ${most}`);
      }
      order[field] = value;
    } else if (word === "t" || word === "T") {
      if (!stamps.includes(word)) stamps += word;
    } else if (word.startsWith("/")) {
      order.directory = word;
    } else {
      throw new UsageError(
        `${JSON.stringify(word)} is none of nNUMBER, sBYTES, SBYTES, t, T and an absolute path; ` +
          "what only sv log can do needs a logger of its own, in log/",
      );
    }
  }
  if (stamps !== "") order.stamps = stamps.length === 2 ? "tT" : stamps as "t" | "T";
  return order;
}
