import { ServiceEvent } from "../servicedir/protocol.ts";
import { isUp, type ServiceStatus } from "../servicedir/status.ts";

/** A state of a service that one can wait for. */
export type AwaitedState =
  /** `run` is running. */
  | "up"
  /** `run` is running and has told the supervisor that it is ready. */
  | "ready"
  /** `run` is not running. */
  | "down"
  /** `run` is not running, and `finish` has ended. */
  | "finished"
  /** `run` was not running for a moment since the wait began, and is running. */
  | "restarted"
  /** The same, and it has told the supervisor that it is ready. */
  | "restartedReady";

interface Goal {
  readonly up: boolean;
  readonly ready: boolean;
  readonly restart: boolean;
}

const goals: Readonly<Record<AwaitedState, Goal>> = {
  up: { up: true, ready: false, restart: false },
  ready: { up: true, ready: true, restart: false },
  down: { up: false, ready: false, restart: false },
  finished: { up: false, ready: true, restart: false },
  restarted: { up: true, ready: false, restart: true },
  restartedReady: { up: true, ready: true, restart: true },
};

/** What each event tells of a service: whether it is up, and whether it is ready, or down for good. */
const meanings: Readonly<Record<string, { up: boolean; ready: boolean }>> = {
  [ServiceEvent.up]: { up: true, ready: false },
  [ServiceEvent.ready]: { up: true, ready: true },
  [ServiceEvent.down]: { up: false, ready: false },
  [ServiceEvent.finished]: { up: false, ready: true },
};

interface Service {
  readonly goal: Goal;
  up: boolean;
  ready: boolean;
  /** Whether it has been down since the wait began. Always true where that is not asked for. */
  wasDown: boolean;
  /** Whether its events are ignored from now on. */
  settled: boolean;
}

/** How to wait for several services. */
export interface ServicesWaitOptions {
  /** Whether one service in the wanted state is enough; default: all must be. */
  readonly any?: boolean;
  /** Whether a service counts as having been down, for a restart, only when `finish` has ended. */
  readonly downMeansFinished?: boolean;
}

/**
 * A wait until services have reached a state. It takes the status of each service and then its events,
 * in the order in which they came. It knows nothing of files or time.
 *
 * For a restart each service must have been down once since the wait began; they need not all be down
 * at the same moment.
 *
 * Follows s6's `s6-svwait`.
 */
export class ServicesWait {
  readonly #options: ServicesWaitOptions;
  readonly #services: Service[] = [];
  readonly #failed: number[] = [];

  /** @param options How to wait for several services. */
  constructor(options: ServicesWaitOptions = {}) {
    this.#options = options;
  }

  /**
   * Adds the next service. The caller listened to its events before it read the status.
   *
   * @param status Its status; undefined where it has none yet, because no supervisor has run: then it is
   *   in no state before {@linkcode learn}.
   */
  add(status: ServiceStatus | undefined, state: AwaitedState): void {
    const goal = goals[state];
    this.#services.push({
      goal,
      up: !goal.up,
      ready: false,
      wasDown: !goal.restart,
      settled: false,
    });
    if (status !== undefined) this.learn(this.#services.length - 1, status);
  }

  /** Takes the status of a service, which was read after all events that were received so far. */
  learn(index: number, status: ServiceStatus): void {
    const service = this.#services[index]!;
    service.up = isUp(status);
    service.ready = status.ready || status.finished;
    this.#noteDown(service);
  }

  /** Takes the bytes that a service's listener received. */
  receive(index: number, events: Iterable<number>): void {
    for (const event of events) {
      if (this.done) return;
      this.#take(index, String.fromCharCode(event));
    }
  }

  #take(index: number, event: string): void {
    const service = this.#services[index]!;
    if (service.settled) return;
    const meaning = meanings[event];
    if (meaning !== undefined) {
      Object.assign(service, meaning);
      this.#noteDown(service);
    } else if (event === ServiceEvent.unsupervised) {
      // Without a supervisor it stays as it is: in the wanted state, or never again.
      const { goal } = service;
      const reached = service.wasDown && service.up === goal.up && service.ready === goal.ready;
      if (!reached) this.#fail(index);
      service.settled = true;
    } else if (event === ServiceEvent.failed && service.goal.up) {
      this.#fail(index);
    }
  }

  #noteDown(service: Service): void {
    if (!service.up && (service.ready || !this.#options.downMeansFinished)) service.wasDown = true;
  }

  #fail(index: number): void {
    this.#failed.push(index);
    this.#services[index]!.settled = true;
  }

  /** Stops waiting for a service; it does not count as failed. */
  giveUp(index: number): void {
    this.#services[index]!.settled = true;
  }

  /** The indices of the services that are not in the wanted state yet, and may still get there. */
  get pending(): readonly number[] {
    return [...this.#services.keys()].filter((index) => !this.#hasReached(this.#services[index]!));
  }

  #hasReached({ settled, up, ready, wasDown, goal }: Service): boolean {
    return settled || (wasDown && up === goal.up && (ready || !goal.ready));
  }

  /** Whether the wait is over: the services are in the wanted state, or can't reach it any more. */
  get done(): boolean {
    const reached = (service: Service) => this.#hasReached(service);
    if (!this.#options.any) return this.#services.every(reached);
    // For a restart all services must have been down, also where it is enough that one is up again.
    return this.#services.every(({ settled, wasDown }) => settled || wasDown) &&
      this.#services.some(reached);
  }

  /** The indices of the services that failed permanently or lost their supervisor before the state. */
  get failed(): readonly number[] {
    return this.#failed;
  }
}
