import type { ServerResponse } from "node:http";
import type { RingEvent } from "./event_ring.ts";
import type { ServiceBoard } from "./service_board.ts";

/** How many readers there may be at a time. */
const MOST_READERS = 64;

/** A reader for whom more characters than this are waiting is dropped. */
const MOST_WAITING = 1_000_000;

/** Milliseconds between two comments that are sent to find readers that are gone. */
const HEARTBEAT = 30_000;

/** Readers of events, each of whom gets all: server-sent events, as the HTML standard has them. */
export class EventStreams implements Disposable {
  readonly #board: ServiceBoard;
  readonly #snapshot: () => string;
  /** Tells the events of this process from those of an earlier one. */
  readonly #life = Date.now().toString(36);
  readonly #readers = new Set<ServerResponse>();
  #following: Disposable | undefined;
  #heartbeat: ReturnType<typeof setInterval> | undefined;

  /**
   * @param board Where the events come from.
   * @param snapshot Returns how all services are, as JSON on one line.
   */
  constructor(board: ServiceBoard, snapshot: () => string) {
    this.#board = board;
    this.#snapshot = snapshot;
  }

  /** Whether there is room for another reader. */
  get hasRoom(): boolean {
    return this.#readers.size < MOST_READERS;
  }

  #message(type: string, { number, text }: RingEvent): string {
    return `id: ${this.#life}-${number}\nevent: ${type}\ndata: ${text}\n\n`;
  }

  /** Returns what a reader has missed; undefined where that is not known. */
  #missedAfter(lastId: string | undefined): readonly RingEvent[] | undefined {
    const [life, number] = lastId?.split("-") ?? [];
    if (life !== this.#life || !/^\d{1,15}$/.test(number ?? "")) return undefined;
    return this.#board.ring.after(Number(number));
  }

  /**
   * Begins to tell a reader of events: first what it has missed, or else how all services are.
   *
   * @param response Where they go; its headers have been sent.
   * @param lastId The last event that the reader has seen.
   */
  add(response: ServerResponse, lastId: string | undefined): void {
    const { ring } = this.#board;
    const missed = this.#missedAfter(lastId);
    response.write(
      missed === undefined
        ? this.#message("snapshot", { number: ring.last, text: this.#snapshot() })
        : `: resumed\n\n${missed.map((event) => this.#message("service", event)).join("")}`,
    );
    this.#readers.add(response);
    response.on("close", () => this.#remove(response));
    response.on("error", () => this.#remove(response));
    this.#following ??= this.#board.follow((event) => this.#tell(this.#message("service", event)));
    this.#heartbeat ??= setInterval(() => this.#tell(": still here\n\n"), HEARTBEAT);
  }

  #tell(message: string): void {
    for (const response of [...this.#readers]) {
      const waiting = Math.max(response.writableLength, response.socket?.writableLength ?? 0);
      if (waiting > MOST_WAITING) {
        this.#remove(response);
        response.destroy();
      } else response.write(message);
    }
  }

  #remove(response: ServerResponse): void {
    this.#readers.delete(response);
    if (this.#readers.size === 0) this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#heartbeat);
    this.#following?.[Symbol.dispose]();
    this.#heartbeat = this.#following = undefined;
  }
}
