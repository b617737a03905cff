import { ServiceEvent } from "../servicedir/protocol.ts";
import { isUp, type ServiceStatus } from "../servicedir/status.ts";

/** A state of a service that one can wait for. */
export type AwaitedState =
  /** `run` is running. */
  | "up"
  /** `run` is running and has said that it is ready. */
  | "ready"
  /** `run` is not running. */
  | "down"
  /** `run` is not running, and `finish` has ended. */
  | "finished"
  /** It was down, and is up. */
  | "restarted"
  /** It was down, and is up and ready. */
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

/** What each event says of a service: is it up, and is it ready (or, down: down for good). */
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
  /** It has been down since the waiting began. True from the start where nobody asked for that. */
  wasDown: boolean;
  /** Nothing that it does matters any more. */
  settled: boolean;
}

/** How to wait for several services. */
export interface WaitingOptions {
  /** One service in the wanted state is enough; default: all of them. */
  readonly any?: boolean;
  /** For a restart: `finish` must have ended before the service counts as having been down. */
  readonly downMeansFinished?: boolean;
}

/**
 * Whether services have reached a state: fed with the status of each and then with its events, in
 * the order in which they came. It knows nothing of files or time.
 *
 * For a restart each service must have been down once since the waiting began; they need not all
 * be down at the same moment.
 *
 * Follows s6's `s6-svwait`.
 */
export class Waiting {
  readonly #options: WaitingOptions;
  readonly #services: Service[] = [];
  readonly #failed: number[] = [];

  /** @param options How to wait for several services. */
  constructor(options: WaitingOptions = {}) {
    this.#options = options;
  }

  /** Adds the next service. Its events must have been listened to before its status was read. */
  add(status: ServiceStatus, state: AwaitedState): void {
    const goal = goals[state];
    const service: Service = {
      goal,
      up: isUp(status),
      ready: status.ready,
      wasDown: !goal.restart,
      settled: false,
    };
    this.#services.push(service);
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
      // Nobody is left to change it: either it is already just as wanted, or it will never be.
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

  /** Stops waiting for a service, without calling that its failure. */
  giveUp(index: number): void {
    this.#services[index]!.settled = true;
  }

  /** Whether the waiting is over: the wanted state is there, or will never be. */
  get done(): boolean {
    const reached = ({ settled, up, ready, wasDown, goal }: Service) =>
      settled || (wasDown && up === goal.up && (ready || !goal.ready));
    if (!this.#options.any) return this.#services.every(reached);
    // After a restart of which one suffices, all the same all must have been down.
    return this.#services.every(({ settled, wasDown }) => settled || wasDown) &&
      this.#services.some(reached);
  }

  /** Which services failed permanently, or lost their supervisor, short of the wanted state. */
  get failed(): readonly number[] {
    return this.#failed;
  }
}
