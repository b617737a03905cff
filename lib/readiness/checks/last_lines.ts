import { decodeOs } from "../../os/os_string.ts";

/** How much of a program's output is kept, in bytes. */
const KEPT = 1024;

/** The most lines that are shown. */
const LINES = 3;

/** The most characters that are shown. */
const SHOWN = 400;

/** The last lines of a program's output, however much there is. */
export class LastLines {
  #kept = new Uint8Array(0);

  /** Takes more of the output. */
  feed(bytes: Uint8Array): void {
    const all = new Uint8Array(this.#kept.length + bytes.length);
    all.set(this.#kept);
    all.set(bytes, this.#kept.length);
    this.#kept = all.slice(-KEPT);
  }

  /** Returns the last lines on one, without control characters; empty where nothing was printed. */
  get text(): string {
    const lines = decodeOs(this.#kept).split("\n")
      // deno-lint-ignore no-control-regex
      .map((line) => line.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, " ").trim())
      .filter((line) => line !== "");
    return lines.slice(-LINES).join(" / ").toWellFormed().slice(-SHOWN).toWellFormed();
  }
}
