import { reasonOf } from "../../os/system_error.ts";
import type { Listener } from "../../fifodir/listener.ts";
import { monotonicClock } from "../../os/clock.ts";
import { reactor } from "../../os/reactor.ts";
import { control, NotSupervisedError } from "../../servicedir/control.ts";
import { readFailure } from "../../servicedir/failure.ts";
import { byteOf, ControlCommand, ServiceEvent } from "../../servicedir/protocol.ts";
import { readStatus } from "../../servicedir/status.ts";
import { EventFromEach } from "../../waiting/event_from_each.ts";
import { deadlineAfter, type Ending, type Wait } from "../../waiting/wait.ts";
import { SupervisorWatch } from "../../waiting/supervisor_watch.ts";
import { waitOnReactor } from "../../waiting/wait_on_reactor.ts";
import { ServicesWait } from "../../waiting/wait_state.ts";
import type { Change, Moments, Outcome, Settle } from "./change.ts";
import { Deaths, permanentFailure } from "./deaths.ts";
import type { Longrun } from "../definitions/definition.ts";
import type { Direction } from "../definitions/graph.ts";

const UP = byteOf(ServiceEvent.up);
const DOWN = byteOf(ServiceEvent.down);
const FAILED = byteOf(ServiceEvent.failed);
const SUPERVISED = byteOf(ServiceEvent.supervised);

/** Milliseconds to wait for a supervisor to come back, where neither service nor command has a limit. */
const PATIENCE = 5_000;

/** Milliseconds after which to look whether the program could not be started at all. */
const LOOK = 1_000;

/** How to change a longrun. */
export interface LongrunChangeOptions {
  /** Whether it goes up or down. */
  readonly direction: Direction;
  /** Milliseconds that the change may take; 0: no limit. */
  readonly timeout: number;
  /** Where it is supervised. */
  readonly scandir: string;
  /** Whether something else ends the change in time. */
  readonly isLimited: boolean;
  /** Gets what goes wrong meanwhile: the longrun dies, say. */
  readonly warn: (message: string) => void;
  /** Called when its supervisor is gone and waited for. */
  readonly onUnsupervised: () => void;
  /** Called after events of the longrun. */
  readonly onEvent?: () => void;
}

/**
 * Starts or stops a longrun, and tells when it is ready or down for good. Its events are listened to before
 * it gets a command, so nothing is missed. Where its supervisor dies, the change waits for the next one,
 * and goes on.
 */
export class LongrunChange implements Change, Wait {
  readonly moments: Moments;
  readonly #settle: Settle;
  readonly #goal: "finished" | "ready" | "up";
  readonly #directory: string;
  readonly #listener: Listener;
  readonly #options: LongrunChangeOptions;
  readonly #deadline: number;
  readonly #deaths: Deaths;
  /** What waits for the longrun, or for its supervisor. */
  #resources = new DisposableStack();
  #waiting = new ServicesWait({ downMeansFinished: true });
  #failedPermanently = false;
  #settled = false;

  /**
   * Sends the command.
   *
   * @param longrun The longrun's definition.
   * @param directory Its live service directory.
   * @param listener Listens to its events already.
   * @param options What to do.
   * @param settle Gets the outcome, from within the constructor where there is nothing to wait for.
   */
  constructor(
    { notifies }: Longrun,
    directory: string,
    listener: Listener,
    options: LongrunChangeOptions,
    settle: Settle,
  ) {
    this.#settle = settle;
    this.#directory = directory;
    this.#listener = listener;
    this.#options = options;
    this.#deadline = deadlineAfter(options.timeout);
    this.#deaths = new Deaths(directory, options.warn);
    this.moments = { ordered: monotonicClock() };
    this.#goal = options.direction === "down" ? "finished" : notifies ? "ready" : "up";
    this.#begin();
  }

  #begin(): void {
    const { direction } = this.#options;
    this.#waiting = new ServicesWait({ downMeansFinished: true });
    const supervisor = this.#resources.use(new SupervisorWatch(this.#directory, this.#listener));
    try {
      this.#waiting.add(readStatus(this.#directory), this.#goal);
      supervisor.begin();
      control(this.#directory, direction === "up" ? ControlCommand.up : ControlCommand.down);
    } catch (error) {
      if (error instanceof NotSupervisedError) return this.#awaitSupervisor();
      return this.#fail(reasonOf(error));
    }
    if (direction === "up") {
      this.#resources.use(reactor().after(LOOK, () => this.#lookAtStart()));
    }
    this.#resources.use(waitOnReactor(
      [this.#listener, supervisor],
      this,
      this.#deadline,
      (ending) => this.#onEnding(ending),
    ));
  }

  /** Takes events of the longrun, from its listener or from the watch of its supervisor. */
  receive(_index: number, events: Uint8Array): void {
    for (const event of events) {
      if (event === UP) {
        this.moments.spawned ??= monotonicClock();
        this.#deaths.noteRestart();
      } else if (event === DOWN && this.#options.direction === "up") this.#deaths.note();
      else if (event === FAILED) this.#failedPermanently = true;
    }
    this.#waiting.receive(0, events);
    this.#options.onEvent?.();
  }

  /** Whether the longrun has reached its goal, or can't any more. */
  get done(): boolean {
    return this.#waiting.done;
  }

  #onEnding(ending: Ending): void {
    if (ending.how === "failed") return this.#fail(reasonOf(ending.error));
    if (ending.how === "timed out") {
      const { direction, timeout } = this.#options;
      const goal = direction === "up" ? "ready" : "down";
      return this.#fail(`it was not ${goal} after ${timeout} milliseconds${this.#deaths.suffix}`);
    }
    if (this.#waiting.failed.length === 0) {
      this.moments.ready = monotonicClock();
      return this.#end({ success: true });
    }
    if (this.#failedPermanently) return this.#fail(permanentFailure(this.#directory));
    // Its supervisor is gone. The next one may be there already.
    this.#stopWaiting();
    this.#begin();
  }

  /** Says it where the longrun does not even start. */
  #lookAtStart(): void {
    const failure = readFailure(this.#directory);
    if (failure?.kind === "start") {
      this.#options.warn(`can't be started, and is tried again: ${failure.reason}`);
    }
  }

  /**
   * Waits until there is a supervisor, and then goes on with the change. The listener hears of each that
   * has come since the command could not be sent.
   */
  #awaitSupervisor(): void {
    this.#stopWaiting();
    this.#options.onUnsupervised();
    const { timeout, isLimited, scandir } = this.#options;
    const deadline = timeout > 0 ? this.#deadline : deadlineAfter(isLimited ? 0 : PATIENCE);
    const wait = new EventFromEach(1, SUPERVISED);
    this.#resources.use(waitOnReactor([this.#listener], wait, deadline, (ending) => {
      if (ending.how === "failed") return this.#fail(reasonOf(ending.error));
      if (ending.how === "timed out") {
        return this.#end({
          success: false,
          reason: `it has no supervisor, and none came in time; is a scan of ${scandir} running?`,
          isUnknown: true,
        });
      }
      this.#stopWaiting();
      this.#begin();
    }));
  }

  #stopWaiting(): void {
    this.#resources.dispose();
    this.#resources = new DisposableStack();
  }

  #fail(reason: string): void {
    this.#end({ success: false, reason });
  }

  #end(outcome: Outcome): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#resources.dispose();
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
