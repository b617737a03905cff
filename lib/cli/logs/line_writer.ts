import { type LogLine, textOf } from "../../log/reading/log_line.ts";
import { OutputBuffer } from "../../log/filters/filter_lines.ts";
import { decodeOs, encodeOs } from "../../os/os_string.ts";
import { isoTime, ShownTimes } from "./show_time.ts";

const NEWLINE = new Uint8Array([10]);

/** The colours of names, as SGR parameters. */
const COLORS = ["36", "33", "32", "35", "34", "96", "93", "92", "95", "94"];

/** How lines are written. */
export interface LineStyle {
  /** `text`: time, name and line; `raw`: as they stand in the log; `json`: an object each. */
  readonly form: "text" | "raw" | "json";
  /** Whether times are of UTC. */
  readonly utc: boolean;
  /** Whether names stand before the lines. */
  readonly names: boolean;
  /** Whether names are coloured. */
  readonly colors: boolean;
  /** Whether a terminal shows the lines: then no line may control it. */
  readonly terminal: boolean;
}

/** Makes text of a line harmless to a terminal; tabulators stay. */
function harmless(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\udc80-\udcff]/g, "\ufffd");
}

/** Writes lines of logs to standard output. */
export class LineWriter {
  readonly #style: LineStyle;
  readonly #output = new OutputBuffer(1);
  readonly #times: ShownTimes;
  #width = 0;
  /** What stands before the lines of a log, behind the time. */
  readonly #prefixes = new Map<string, string>();

  /**
   * @param style How lines are written.
   * @param names The names that are known already: the column is as wide as the longest.
   */
  constructor(style: LineStyle, names: readonly string[]) {
    this.#style = style;
    this.#times = new ShownTimes(style.utc);
    for (const name of names) this.#width = Math.max(this.#width, [...name].length);
  }

  /** Adds a line. */
  add(name: string, line: LogLine): void {
    const { form, terminal } = this.#style;
    if (form === "json") this.#output.add(encodeOs(`${this.#json(name, line)}\n`));
    else if (form === "raw") this.#addBytes(line.bytes, terminal);
    else {
      this.#output.add(encodeOs(this.#before(name, line)));
      this.#addBytes(textOf(line), terminal);
    }
  }

  #addBytes(bytes: Uint8Array, terminal: boolean): void {
    this.#output.add(terminal ? encodeOs(harmless(decodeOs(bytes))) : bytes);
    this.#output.add(NEWLINE);
  }

  #json(service: string, line: LogLine): string {
    return JSON.stringify({
      version: 1,
      time: line.time === undefined ? null : isoTime(line.time),
      service: service.toWellFormed(),
      line: decodeOs(textOf(line)).toWellFormed(),
    });
  }

  #before(name: string, { time }: LogLine): string {
    const shown = this.#times.show(time);
    return this.#style.names ? `${shown} ${this.#prefix(name)} | ` : `${shown} `;
  }

  #prefix(name: string): string {
    let prefix = this.#prefixes.get(name);
    if (prefix === undefined) {
      const shown = harmless(name);
      this.#width = Math.max(this.#width, [...shown].length);
      const color = COLORS[this.#prefixes.size % COLORS.length];
      prefix = (this.#style.colors ? `\x1b[${color}m${shown}\x1b[m` : shown) +
        " ".repeat(this.#width - [...shown].length);
      this.#prefixes.set(name, prefix);
    }
    return prefix;
  }

  /** Writes what was added. */
  flush(): void {
    this.#output.flush();
  }
}
