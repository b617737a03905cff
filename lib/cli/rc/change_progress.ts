import { duration, list } from "../../explain/words.ts";
import { writeAll } from "../../os/file.ts";
import { encodeOs } from "../../os/os_string.ts";
import { reactor } from "../../os/reactor.ts";
import { oneLine } from "../one_line.ts";
import { colored, cut } from "../status/table.ts";
import type { Terminal } from "../terminal.ts";

/** A service that is waited for. */
export interface Awaited {
  readonly name: string;
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
  /** Why it is not there yet. */
  readonly reason: string;
}

/** How far a change has got. */
export interface Progressing {
  /** What is done to the services: `starting`, say. */
  readonly doing: string;
  /** How many services are there, of how many. */
  readonly done: number;
  readonly all: number;
  /** What is waited for, the longest first. */
  readonly awaited: readonly Awaited[];
}

/** Milliseconds after which the first plain line is written; each next one comes after twice the time. */
const FIRST_LINE = 10_000;
/** Milliseconds between two plain lines at most. */
const LONGEST_PAUSE = 600_000;
/** Milliseconds before the line on a terminal is drawn: a change that is quick shows nothing. */
const FIRST_DRAW = 400;
/** Milliseconds after news before the line is drawn again: news that come together are drawn once. */
const SETTLE = 100;
/** For so many services there is a plain line each. */
const MOST_LINES = 5;

/** Returns a reason without the duration with which it begins. */
function lasting(reason: string): string {
  return oneLine(reason.replace(/^(?:not ready|up) for [^:;]*: /, ""));
}

/** Shows what a change waits for while it waits: a line that is drawn in place, or plain lines. */
export interface ChangeProgress extends Disposable {
  /** Is told that something has happened. */
  news(): void;
  /** Takes the line off the terminal, so that another can be written. */
  clear(): void;
}

/** Returns the line that shows how far a change has got. */
export function progressLine(
  { all, awaited, doing, done }: Progressing,
  layout: Terminal,
): string {
  const head = `${doing}: ${done} of ${all} done`;
  const [first, ...others] = awaited;
  if (first === undefined) return colored(head, "bold", layout);
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  const time = new Date(first.since).toTimeString().slice(0, 8);
  const tail = `; waiting for ${first.name}${more} since ${time}: ${lasting(first.reason)}`;
  const { width = Infinity } = layout;
  const text = cut(oneLine(head + tail), width - 1);
  return colored(text.slice(0, head.length), "bold", layout) + text.slice(head.length);
}

/** A line on the terminal, drawn again after news, and at growing distances: checks go on without news. */
export class DrawnProgress implements ChangeProgress {
  readonly #look: () => Progressing;
  readonly #layout: () => Terminal;
  #timer: Disposable | undefined;
  #pause = FIRST_DRAW;
  #drawn = false;
  #due = 0;

  /**
   * @param look Returns how far the change has got.
   * @param layout Returns how the terminal is.
   */
  constructor(look: () => Progressing, layout: () => Terminal) {
    this.#look = look;
    this.#layout = layout;
    this.#timer = reactor().after(this.#pause, () => this.#draw());
  }

  news(): void {
    // Before the first drawing, and while one is due soon, the news are part of that.
    if (!this.#drawn || this.#due > 0) return;
    this.#due = 1;
    this.#timer?.[Symbol.dispose]();
    this.#timer = reactor().after(SETTLE, () => this.#draw());
  }

  #draw(): void {
    this.#due = 0;
    this.#drawn = true;
    write(`\r\x1b[K${progressLine(this.#look(), this.#layout())}`);
    this.#pause = Math.min(this.#pause * 2, 60_000);
    this.#timer = reactor().after(this.#pause, () => this.#draw());
  }

  clear(): void {
    if (!this.#drawn) return;
    write("\r\x1b[K");
    this.news();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#drawn) write("\r\x1b[K");
    this.#drawn = false;
  }
}

/** Plain lines, the first after ten seconds, the others at growing distances. */
export class PlainProgress implements ChangeProgress {
  readonly #look: () => Progressing;
  readonly #say: (message: string) => void;
  #timer: Disposable;
  #pause: number;

  /**
   * @param look Returns how far the change has got.
   * @param say Writes a line.
   * @param first Milliseconds until the first line.
   */
  constructor(look: () => Progressing, say: (message: string) => void, first = FIRST_LINE) {
    this.#look = look;
    this.#say = say;
    this.#pause = first;
    this.#timer = reactor().after(first, () => this.#write());
  }

  #write(): void {
    const { awaited } = this.#look();
    const now = Date.now();
    for (const { name, reason, since } of awaited.slice(0, MOST_LINES)) {
      this.#say(`still waiting for ${name}, ${duration(now - since)}: ${lasting(reason)}`);
    }
    const others = awaited.slice(MOST_LINES).map(({ name }) => name);
    if (others.length > 0) this.#say(`still waiting for ${list(others)}`);
    this.#timer = reactor().after(this.#pause, () => this.#write());
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }

  news(): void {}
  clear(): void {}

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }
}

function write(text: string): void {
  try {
    writeAll(2, encodeOs(text), "to standard error");
  } catch {
    // The terminal is gone.
  }
}
