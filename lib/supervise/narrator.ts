import { duration, howItDied } from "../explain/words.ts";
import { monotonicClock, wallClock } from "../os/clock.ts";
import { exitCode, termSignal, type WaitStatus } from "../os/wait_status.ts";
import type { Instant } from "../tai/tai64n.ts";
import { ControlCommand, PERMANENT_FAILURE } from "../servicedir/protocol.ts";
import { type Input, isFinishing, isRunning, type MachineState } from "./machine.ts";

/** A change of state in words; `due` is the time in milliseconds until the timer rings. */
type Line = (due: number) => string;

function ended(status: WaitStatus): string {
  return howItDied({ exitCode: exitCode(status) ?? 0, signal: termSignal(status) ?? 0 });
}

/** What brings a service down, and not only keeps it from being started again. */
const BRING_DOWN: ReadonlySet<string> = new Set([
  ControlCommand.down,
  ControlCommand.downForever,
  "TERM",
]);
/** What ends the supervision, at once or at the end of this life. */
const EXIT: ReadonlySet<string> = new Set([ControlCommand.exit, "TERM", "HUP", "INT", "QUIT"]);

/** Returns what follows on a life that has ended. */
function afterLife(before: MachineState, after: MachineState, due: number): string {
  if (before.phase === "lastUp" || before.phase === "lastFinish") return "its supervisor exits";
  if (!after.wantUp) return "it stays down";
  return `started again ${due < 1 ? "at once" : `in ${duration(due)}`}`;
}

function finishEnded(status: WaitStatus, before: MachineState, after: MachineState): Line {
  const code = exitCode(status);
  const how = code === PERMANENT_FAILURE
    ? `finish has exited ${code}: failed for good`
    : code === undefined
    ? `finish was ended ${ended(status)}`
    : "finish has ended";
  return (due) => `${how}; ${afterLife(before, after, due)}`;
}

/** Returns the words for a command that has changed how a service shall be. */
function told({ name }: Input, before: MachineState, after: MachineState): string | undefined {
  const { phase } = before;
  if (EXIT.has(name) && (phase === "down" || name === "QUIT" || name === "INT")) {
    return before.pid === 0
      ? "its supervisor exits"
      : `its supervisor exits; process ${before.pid} goes on`;
  }
  if (before.wantUp && !after.wantUp) {
    if (!BRING_DOWN.has(name)) return "it is not started again when it ends";
    return isRunning(phase) ? "told to go down" : "told to stay down";
  }
  if (phase !== after.phase) return "its supervisor exits when it has ended";
  if (before.paused !== after.paused) return after.paused ? "paused" : "continued";
  return undefined;
}

/**
 * Puts the changes of a service's state into words, a line each, for people who read the output of
 * `sv supervise -v` or `sv scan -v`.
 *
 * {@linkcode Narrator.note} takes a change before its effects are carried out, {@linkcode Narrator.tell}
 * writes the lines after them: a reader of the log never delays an event.
 */
export class Narrator {
  readonly #write: (line: string) => void;
  readonly #lines: Line[] = [];
  /** How `run` has ended, until it is known what follows on that. */
  #death = "";

  /** @param write Gets each line. It must not wait. */
  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /**
   * Notes what an input has changed.
   *
   * @param since Since when the service was up, or down, before that.
   */
  note(before: MachineState, input: Input, after: MachineState, since: Instant): void {
    const line = this.#lineOf(before, input, after, since);
    if (line !== undefined) this.#lines.push(line);
  }

  /**
   * Writes the lines that were noted.
   *
   * @param deadline When the timer of the service rings, on the monotonic clock; undefined where none is
   *   armed.
   */
  tell(deadline: number | undefined): void {
    if (this.#lines.length === 0) return;
    const due = deadline === undefined ? 0 : Math.max(deadline - monotonicClock(), 0);
    for (const line of this.#lines.splice(0)) this.#write(line(due));
  }

  #lineOf(
    before: MachineState,
    input: Input,
    after: MachineState,
    since: Instant,
  ): Line | undefined {
    const lasted = duration(Number(wallClock() - since) / 1e6);
    switch (input.name) {
      case "started":
        return () => `up, pid ${after.pid}`;
      case "finishStarted":
        return () => `${this.#takeDeath()}; finish runs, pid ${after.pid}`;
      case "finishAbsent":
        return (due) => `${this.#takeDeath()}; ${afterLife(before, after, due)}`;
      case "death":
        if (isFinishing(before.phase)) return finishEnded(input.status, before, after);
        this.#death = `${before.wantUp ? "died" : "ended"} ${ended(input.status)} after ${lasted}`;
        return undefined;
      case "startFailed":
        return undefined;
      case "timer":
        return isRunning(before.phase) ? () => "it has not ended in time: killed" : undefined;
    }
    if (isRunning(before.phase) && !before.ready && after.ready) {
      return () => `ready after ${lasted}`;
    }
    const words = told(input, before, after);
    return words === undefined ? undefined : () => words;
  }

  #takeDeath(): string {
    const death = this.#death;
    this.#death = "";
    return death;
  }
}
