import { encodeOs } from "../../os/os_string.ts";
import type { LineBuffer } from "../input/line_buffer.ts";
import { TimeStamps } from "../input/time_stamps.ts";
import { AlertOutput } from "../output/alert_output.ts";
import { DirectoryOutput } from "../output/directory_output.ts";
import type { Output, OutputHost } from "../output/output.ts";
import { StatusOutput } from "../output/status_output.ts";
import { StdoutOutput } from "../output/stdout_output.ts";
import type { Action, Destination, LoggingScript } from "../script/script.ts";
import { Selector } from "../script/selector.ts";

/** An action that can be done. */
interface OpenAction {
  readonly output: Output;
  readonly head: readonly Uint8Array[];
}

/** Does with lines what a script says. */
export class Actions {
  readonly #selector: Selector;
  readonly #stamps: TimeStamps | undefined;
  readonly #outputs: Output[] = [];
  readonly #clauses: readonly (readonly OpenAction[])[];
  readonly #host: OutputHost;
  /** A directory that several actions name is opened once. */
  readonly #known = new Map<string, Output>();

  /**
   * Opens all that the script writes to.
   *
   * @param script The script.
   * @param host What the outputs need.
   */
  constructor(script: LoggingScript, host: OutputHost) {
    this.#host = host;
    this.#selector = new Selector(script.clauses);
    const all = script.clauses.flatMap(({ actions }) => actions);
    const iso = all.some((action) => action.iso);
    this.#stamps = iso || all.some(({ tai64n }) => tai64n) ? new TimeStamps(iso) : undefined;
    this.#clauses = script.clauses.map(({ actions }) =>
      actions.map((action) => this.#open(action))
    );
  }

  /** How many bytes wait to be written. */
  get waiting(): number {
    let sum = 0;
    for (const { waiting } of this.#outputs) sum += waiting;
    return sum;
  }

  /** Whether nothing should be read before what waits was written, which is soon. */
  get pausing(): boolean {
    return this.#outputs.some(({ pausing }) => pausing);
  }

  /** Takes all whole lines of a buffer, and writes what can be written. */
  takeLines(buffer: LineBuffer): void {
    this.#stamps?.now();
    while (buffer.next()) this.#take(buffer);
    this.flush();
  }

  /** Takes the line of a buffer that has begun, and writes what can be written. */
  takePartial(buffer: LineBuffer): void {
    if (!buffer.takePartial()) return;
    this.#stamps?.now();
    this.#take(buffer);
    this.flush();
  }

  /** Writes what can be written. */
  flush(): void {
    for (const output of this.#outputs) output.flush();
  }

  /** Rotates all log directories. */
  rotate(): void {
    for (const output of this.#outputs) output.rotate();
  }

  /** Closes all outputs. */
  async close(): Promise<void> {
    await Promise.all(this.#outputs.map((output) => output.close()));
  }

  #take(buffer: LineBuffer): void {
    const { bytes, from, to } = buffer;
    if (this.#selector.all) {
      for (let index = 0; index < this.#clauses.length; index++) this.#act(index, bytes, from, to);
    } else {
      this.#selector.select(
        bytes.subarray(from, to),
        (index) => this.#act(index, bytes, from, to),
      );
    }
    this.#stamps?.next();
  }

  #act(index: number, bytes: Uint8Array<ArrayBuffer>, from: number, to: number): void {
    for (const { output, head } of this.#clauses[index]!) output.take(head, bytes, from, to);
  }

  #open({ destination, tai64n, iso, prefix }: Action): OpenAction {
    const head: Uint8Array[] = [];
    if (tai64n) head.push(this.#stamps!.tai64n);
    if (iso) head.push(this.#stamps!.iso);
    if (prefix !== "") head.push(encodeOs(`${prefix} `));
    return { output: this.#outputOf(destination), head };
  }

  #outputOf(destination: Destination): Output {
    const key = destination.type === "directory"
      ? destination.path
      : destination.type === "stdout"
      ? "1"
      : undefined;
    const known = key === undefined ? undefined : this.#known.get(key);
    if (known !== undefined) return known;
    const output = openOutput(destination, this.#host);
    this.#outputs.push(output);
    if (key !== undefined) this.#known.set(key, output);
    return output;
  }
}

function openOutput(destination: Destination, host: OutputHost): Output {
  switch (destination.type) {
    case "stdout":
      return new StdoutOutput(host);
    case "alert":
      return new AlertOutput(destination.limit, host);
    case "status":
      return new StatusOutput(destination.file, destination.size, host);
    case "directory":
      return new DirectoryOutput(destination.path, destination.settings, host);
  }
}
