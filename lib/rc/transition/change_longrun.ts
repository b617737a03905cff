import type { Listener } from "../../fifodir/listener.ts";
import { monotonicClock } from "../../os/clock.ts";
import { control } from "../../servicedir/control.ts";
import { byteOf, ControlCommand, ServiceEvent } from "../../servicedir/protocol.ts";
import { readStatus } from "../../servicedir/status.ts";
import { deadlineAfter, type Ending, type Wait } from "../../waiting/wait.ts";
import { SupervisorWatch } from "../../waiting/supervisor_watch.ts";
import { waitOnReactor } from "../../waiting/wait_on_reactor.ts";
import { ServicesWait } from "../../waiting/wait_state.ts";
import type { Change, Moments, Outcome, Settle } from "./change.ts";
import type { Longrun } from "../definitions/definition.ts";
import type { Direction } from "../definitions/graph.ts";

const UP = byteOf(ServiceEvent.up);

/**
 * Starts or stops a longrun, and tells when it is ready or down for good. Its events are listened
 * to before it gets a command, so nothing is missed.
 */
export class LongrunChange implements Change, Wait {
  readonly moments: Moments;
  readonly #waiting = new ServicesWait({ downMeansFinished: true });
  readonly #settle: Settle;
  readonly #supervisor: SupervisorWatch;
  #wait: Disposable | undefined;
  #settled = false;

  /**
   * Sends the command.
   *
   * @param longrun The longrun's definition.
   * @param directory Its live service directory.
   * @param listener Listens to its events already.
   * @param direction The direction of the change.
   * @param timeout Milliseconds that the change may take; 0: no limit.
   * @param settle Gets the outcome, from within the constructor where there is nothing to wait for.
   */
  constructor(
    { notifies }: Longrun,
    directory: string,
    listener: Listener,
    direction: Direction,
    timeout: number,
    settle: Settle,
  ) {
    this.#settle = settle;
    this.#supervisor = new SupervisorWatch(directory, listener);
    this.moments = { ordered: monotonicClock() };
    const goal = direction === "down" ? "finished" : notifies ? "ready" : "up";
    try {
      this.#waiting.add(readStatus(directory), goal);
      this.#supervisor.begin();
      control(directory, direction === "up" ? ControlCommand.up : ControlCommand.down);
    } catch (error) {
      this.#fail((error as Error).message);
      return;
    }
    const late = `it was not ${direction === "up" ? "ready" : "down"} after ${timeout} ms`;
    this.#wait = waitOnReactor(
      [listener, this.#supervisor],
      this,
      deadlineAfter(timeout),
      (ending) => this.#onEnding(ending, late),
    );
  }

  /** Takes events of the longrun, from its listener or from the watch of its supervisor. */
  receive(_index: number, events: Uint8Array): void {
    if (this.moments.spawned === undefined && events.includes(UP)) {
      this.moments.spawned = monotonicClock();
    }
    this.#waiting.receive(0, events);
  }

  /** Whether the longrun has reached its goal, or can't any more. */
  get done(): boolean {
    return this.#waiting.done;
  }

  #onEnding(ending: Ending, late: string): void {
    if (ending.how === "failed") return this.#fail((ending.error as Error).message);
    if (ending.how === "timed out") return this.#fail(late);
    if (this.#waiting.failed.length > 0) {
      return this.#fail("it failed permanently, or its supervisor died");
    }
    this.moments.ready = monotonicClock();
    this.#end({ success: true });
  }

  #fail(reason: string): void {
    this.#end({ success: false, reason });
  }

  #end(outcome: Outcome): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#wait?.[Symbol.dispose]();
    this.#supervisor[Symbol.dispose]();
    this.#settle(outcome);
  }

  abandon(): void {
    this.#fail("interrupted");
  }

  /** Brings a longrun down that did not get ready, so that it does not stay half up. */
  static giveUp(directory: string): void {
    try {
      control(directory, ControlCommand.down);
    } catch {
      // It has no supervisor: that is why it did not get ready.
    }
  }
}
