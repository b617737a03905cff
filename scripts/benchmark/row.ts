import type { Contestants } from "./contestants.ts";

/** Two numbers that were measured in turns. */
export interface Result {
  /** The form of `sv`. */
  readonly sv: string;
  /** Its number. */
  readonly value: number;
  /** The name of the reference. */
  readonly against: string;
  /** The reference's number. */
  readonly reference: number;
}

/** A row of the table: a file in this directory, and a line in `rows.ts`. */
export interface Row {
  /** The name of the row: what it measures. */
  readonly name: string;
  /** The unit of the numbers. */
  readonly unit: string;
  /** How many times the reference it may be at most, where there is a limit. */
  readonly budget?: number;
  /** Measures the row. */
  measure(contestants: Contestants): Promise<Result[]>;
}
