import { calendarTime } from "../../os/local_time.ts";
import type { Instant } from "../../tai/tai64n.ts";

const SECOND = 1_000_000_000n;

/** Shows instants: the date, and the time to the millisecond. Neighbouring lines mostly have the same second. */
export class ShownTimes {
  readonly #utc: boolean;
  #second: bigint | undefined;
  #words = "";

  /** @param utc Whether they are of UTC. */
  constructor(utc: boolean) {
    this.#utc = utc;
  }

  /** Returns how many characters an instant has. */
  get width(): number {
    return this.#utc ? 24 : 23;
  }

  /** Returns an instant in words; blanks where it is not known. */
  show(time: Instant | undefined): string {
    if (time === undefined) return " ".repeat(this.width);
    const second = time / SECOND;
    if (second !== this.#second) {
      this.#second = second;
      const { day, hour, minute, month, second: shown, year } = calendarTime(second, this.#utc)!;
      const two = (value: number) => String(value).padStart(2, "0");
      this.#words = `${String(year).padStart(4, "0")}-${two(month)}-${two(day)} ` +
        `${two(hour)}:${two(minute)}:${two(shown)}`;
    }
    const milliseconds = String((time % SECOND) / 1_000_000n).padStart(3, "0");
    return `${this.#words}.${milliseconds}${this.#utc ? "Z" : ""}`;
  }
}

/** Returns an instant as ISO 8601 has it, in UTC, to the nanosecond. */
export function isoTime(time: Instant): string {
  const seconds = new Date(Number(time / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(time % SECOND).padStart(9, "0")}Z`;
}
