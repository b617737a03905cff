import type { Listener } from "../../fifodir/listener.ts";
import { monotonicClock } from "../../os/clock.ts";
import { Priority, reactor } from "../../os/reactor.ts";
import { control } from "../../servicedir/control.ts";
import { byteOf, ControlCommand, ServiceEvent } from "../../servicedir/protocol.ts";
import { readStatus } from "../../servicedir/status.ts";
import { Waiting } from "../../waiting/wait_state.ts";
import type { Change, Moments, Outcome, Settle } from "./change.ts";
import type { Longrun } from "../definitions/definition.ts";
import type { Direction } from "../definitions/graph.ts";

const UP = byteOf(ServiceEvent.up);

/**
 * Starts or stops a longrun, and tells when it is ready or down for good. Its events are listened to
 * before anything is asked of it, so nothing is missed.
 */
export class LongrunChange implements Change {
  readonly moments: Moments;
  readonly #directory: string;
  readonly #listener: Listener;
  readonly #waiting = new Waiting({ downMeansFinished: true });
  readonly #settle: Settle;
  #timer: Disposable | undefined;
  #settled = false;

  /**
   * @param longrun Its definition.
   * @param directory Its live service directory.
   * @param listener Its events, if they are listened to already.
   * @param direction Where it is to go.
   * @param timeout Milliseconds it may take, 0 for any number.
   * @param settle Gets the outcome.
   */
  constructor(
    { notifies }: Longrun,
    directory: string,
    listener: Listener,
    direction: Direction,
    timeout: number,
    settle: Settle,
  ) {
    this.#directory = directory;
    this.#listener = listener;
    this.#settle = settle;
    this.moments = { ordered: monotonicClock() };
    const goal = direction === "down" ? "finished" : notifies ? "ready" : "up";
    try {
      this.#waiting.add(readStatus(directory), goal);
      control(directory, direction === "up" ? ControlCommand.up : ControlCommand.down);
    } catch (error) {
      this.#end({ success: false, reason: (error as Error).message });
      return;
    }
    if (this.#waiting.done) this.#finish();
    else this.#wait(direction, timeout);
  }

  #wait(direction: Direction, timeout: number): void {
    const { fd } = this.#listener;
    reactor().watch(fd, Priority.Ordinary, () => this.#receive());
    if (timeout > 0) {
      this.#timer = reactor().after(timeout, () =>
        this.#end({
          success: false,
          reason: direction === "up"
            ? `it was not ready after ${timeout} ms`
            : `it was not down after ${timeout} ms`,
        }));
    }
  }

  #receive(): void {
    let events: Uint8Array;
    try {
      events = this.#listener.read();
    } catch (error) {
      return this.#end({ success: false, reason: (error as Error).message });
    }
    if (this.moments.spawned === undefined && events.includes(UP)) {
      this.moments.spawned = monotonicClock();
    }
    this.#waiting.receive(0, events);
    if (this.#waiting.done) this.#finish();
  }

  #finish(): void {
    if (this.#waiting.failed.length > 0) {
      const reason = "it failed permanently, or its supervisor died";
      return this.#end({ success: false, reason });
    }
    this.moments.ready = monotonicClock();
    this.#end({ success: true });
  }

  #end(outcome: Outcome): void {
    if (this.#settled) return;
    this.#settled = true;
    reactor().unwatch(this.#listener.fd);
    this.#timer?.[Symbol.dispose]();
    this.#settle(outcome);
  }

  abandon(): void {
    this.#end({ success: false, reason: "interrupted" });
  }

  /** Sees to it that a longrun that did not get ready does not stay half up. */
  static giveUp(directory: string): void {
    try {
      control(directory, ControlCommand.down);
    } catch {
      // Nobody supervises it: that is why it did not get ready.
    }
  }
}
