import { type Pipe, pipe } from "../../os/descriptor.ts";
import { close, tryRead } from "../../os/file.ts";
import { Priority, reactor } from "../../os/reactor.ts";
import type { Standard } from "../../os/spawn/spawner.ts";
import { tryWriteNow } from "../../os/write_now.ts";
import { LastLines } from "./last_lines.ts";

/** No piece is larger: a pipe that can be written takes as much at once. */
const PIECE = 4096;

/** How many pieces are read when the program has ended: all that a pipe of the usual size holds. */
const LAST_PIECES = 17;

/** Where the output of a program would go; asked for each piece, because a pipe may be closed meanwhile. */
export interface OutputTargets {
  /** Descriptor 1. */
  readonly stdout?: Standard;
  /** Descriptor 2. */
  readonly stderr?: Standard;
}

/**
 * The output of a program that checks: goes on to where it would have gone, and its last lines are kept.
 * What a logger has no room for is lost, because nothing may make the supervisor wait.
 */
export class CheckOutput implements Disposable {
  readonly #ends: readonly (readonly [pipe: Pipe, target: () => Standard, own: number])[];
  readonly #buffer = new Uint8Array(PIECE);
  readonly #lines = new LastLines();
  readonly #open = new Set<number>();

  constructor(targets: OutputTargets) {
    this.#ends = [
      [pipe({ nonblockingRead: true }), () => targets.stdout ?? "inherit", 1],
      [pipe({ nonblockingRead: true }), () => targets.stderr ?? "inherit", 2],
    ];
    for (const [{ read, write }] of this.#ends) {
      this.#open.add(read);
      this.#open.add(write);
    }
  }

  /** What the program gets as its descriptors 1 and 2. */
  get standard(): { readonly stdout: number; readonly stderr: number } {
    return { stdout: this.#ends[0]![0].write, stderr: this.#ends[1]![0].write };
  }

  /** The last lines so far. */
  get text(): string {
    return this.#lines.text;
  }

  /** Begins to read, when the program has been started. */
  begin(): void {
    for (const [{ read, write }, target, own] of this.#ends) {
      this.#close(write);
      reactor().watch(read, Priority.Ordinary, () => {
        if (!this.#pass(read, target(), own)) reactor().unwatch(read);
      });
    }
  }

  /** Passes a piece on. Returns false where none has come, and none will come now. */
  #pass(read: number, target: Standard, own: number): boolean {
    const count = tryRead(read, this.#buffer);
    if (count <= 0) return false;
    const piece = this.#buffer.slice(0, count);
    this.#lines.feed(piece);
    if (target !== "null") tryWriteNow(target === "inherit" ? own : target, piece);
    return true;
  }

  /** Reads what is left when the program has ended. Its children may still have the pipes. */
  finish(): void {
    for (const [{ read }, target, own] of this.#ends) {
      if (!this.#open.has(read)) continue;
      for (let count = 0; count < LAST_PIECES && this.#pass(read, target(), own); count++);
    }
  }

  #close(fd: number): void {
    if (this.#open.delete(fd)) close(fd);
  }

  /** Closes the pipes. */
  [Symbol.dispose](): void {
    for (const [{ read, write }] of this.#ends) {
      reactor().unwatch(read);
      this.#close(read);
      this.#close(write);
    }
  }
}
