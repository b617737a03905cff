import { PERMANENT_FAILURE } from "../../servicedir/protocol.ts";
import { readStatus } from "../../servicedir/status.ts";
import { signalName } from "../../os/signal.ts";
import { exitCode, termSignal } from "../../os/wait_status.ts";

/** Returns how the program of a longrun ended last, in words. */
function howItEnded(directory: string): string {
  const { waitStatus } = readStatus(directory);
  const code = exitCode(waitStatus);
  return code === undefined ? `SIG${signalName(termSignal(waitStatus)!)}` : `exit code ${code}`;
}

/** Returns why a longrun is not started again, for the end of a sentence. */
export function permanentFailure(directory: string): string {
  return `it failed permanently: its finish script exited ${PERMANENT_FAILURE} after ${
    howItEnded(directory)
  }`;
}

/** The deaths of a longrun that is to become ready. */
export class Deaths {
  readonly #directory: string;
  readonly #say: (message: string) => void;
  #count = 0;

  /**
   * @param directory Its service directory.
   * @param say Gets a line when it is started again after its first, second, fourth, eighth … death: that
   *   it crashes on and on shows, and one that does so all night does not fill a log.
   */
  constructor(directory: string, say: (message: string) => void) {
    this.#directory = directory;
    this.#say = say;
  }

  /** Counts a death. */
  note(): void {
    this.#count++;
  }

  /** Notes that it was started again. */
  noteRestart(): void {
    if (this.#count > 0 && Number.isInteger(Math.log2(this.#count))) {
      this.#say(`${this.#words} before it was ready, and is started again`);
    }
  }

  /** What there is to say of it, for the end of a sentence; empty where it has not died. */
  get suffix(): string {
    return this.#count === 0 ? "" : `; it ${this.#words}`;
  }

  get #words(): string {
    const how = howItEnded(this.#directory);
    return this.#count === 1
      ? `has died (${how})`
      : `has died ${this.#count} times (at last: ${how})`;
  }
}
