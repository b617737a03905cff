import type { Contestants } from "./contestants.ts";

/** Two numbers, measured in turns. */
export interface Result {
  /** Which form of `sv`. */
  readonly sv: string;
  /** Its number. */
  readonly value: number;
  /** What it is compared with. */
  readonly against: string;
  /** The number of that. */
  readonly reference: number;
}

/** Something that is measured: a file in this directory, and a line in `rows.ts`. */
export interface Row {
  /** What is measured. */
  readonly name: string;
  /** The unit of the numbers. */
  readonly unit: string;
  /** How many times the reference it may be, where that was decided. */
  readonly budget?: number;
  /** Measures. */
  measure(contestants: Contestants): Promise<Result[]>;
}
