import { monotonicClock } from "../os/clock.ts";
import { close } from "../os/file.ts";
import { reactor } from "../os/reactor.ts";
import type { Timer } from "../os/timer_queue.ts";
import { Service } from "../supervise/service.ts";
import type { ServiceOptions } from "../supervise/service_options.ts";
import type { ServiceSnapshot } from "../supervise/service_snapshot.ts";

const FIRST_DELAY = 1000;
const LONGEST_DELAY = 60_000;

/** What all services of a scan have in common. */
export type CommonOptions = Pick<
  ServiceOptions,
  "spawner" | "deaths" | "softNofile" | "ignoredSignals"
>;

/** A supervised service, as another program in the same process is to go on with it. */
export interface ScannedServiceSnapshot {
  /** Its name in the scan directory. */
  readonly name: string;
  /** What directory it is. */
  readonly identity: string;
  /** Whether the last scan found it. */
  readonly active: boolean;
  /** Its end of the pipe between service and logger. */
  readonly pipeEnd?: number;
  /** The service, where it is supervised at the moment. */
  readonly service?: ServiceSnapshot;
  /** When it is to be supervised again, on the monotonic clock, in milliseconds. */
  readonly retryAt?: number;
  /** Milliseconds until the next try, should that one fail. */
  readonly retryDelay?: number;
}

/**
 * A service directory in a scan, and the supervisor that it has, or had, or is to have again: a
 * broken one is tried again, ever less often, and harms nobody.
 */
export class ScannedService {
  /** Its name in the scan directory, which may change. */
  name: string;
  /** What directory it is, whatever its name. */
  readonly identity: string;
  /** Whether the last scan found it. One that has gone is not started again. */
  active = true;
  /** Whether the whole scan comes to its end. */
  ending = false;
  /** Its end of the pipe between service and logger: a logger's input, or a service's output. */
  pipeEnd: number | undefined;
  /** Whether it is a logger. */
  readonly isLogger: boolean;
  /** What descriptor 2 is to be, where it isn't the scan's own. */
  stderr: number | undefined;
  readonly #common: CommonOptions;
  readonly #report: (message: string) => void;
  readonly #onGone: (gone: ScannedService) => void;
  #service: Service | undefined;
  #timer: Timer | undefined;
  #delay = FIRST_DELAY;
  #lastStart = -Infinity;

  /**
   * @param name Its name in the scan directory.
   * @param identity What directory it is.
   * @param common What it needs from outside.
   * @param report Says something to the administrator.
   * @param onGone It has no supervisor any more, and is not to have one.
   */
  constructor(
    name: string,
    identity: string,
    common: CommonOptions,
    report: (message: string) => void,
    onGone: (gone: ScannedService) => void,
  ) {
    this.name = name;
    this.identity = identity;
    this.isLogger = name.includes("/");
    this.#common = common;
    this.#report = (message) => report(`${this.name}: ${message}`);
    this.#onGone = onGone;
  }

  /** Whether it has a supervisor at the moment. */
  get running(): boolean {
    return this.#service !== undefined;
  }

  /** Its state, while it has a supervisor. */
  get state(): Service["state"] | undefined {
    return this.#service?.state;
  }

  /** Starts to supervise it, unless that was done less than a second ago. */
  start(): void {
    if (this.#service !== undefined || this.ending) return;
    this.#timer?.[Symbol.dispose]();
    const wait = this.#lastStart + FIRST_DELAY - monotonicClock();
    if (wait > 0) this.#later(wait);
    else this.#startNow();
  }

  /** Goes on with what another program in this process supervised. */
  resume({ active, pipeEnd, service, retryAt, retryDelay }: ScannedServiceSnapshot): void {
    this.active = active;
    this.pipeEnd = pipeEnd;
    this.#delay = retryDelay ?? FIRST_DELAY;
    const wait = retryAt === undefined ? FIRST_DELAY : Math.max(retryAt - monotonicClock(), 0);
    if (service !== undefined) this.#service = new Service(this.name, this.#options(), service);
    else if (active) this.#later(wait);
  }

  #later(milliseconds: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = reactor().after(milliseconds, () => this.#startNow());
  }

  #options(): ServiceOptions {
    const pipeEnd = () => this.pipeEnd ?? "inherit" as const;
    const { isLogger, stderr } = this;
    const common = this.#common;
    return {
      ...common,
      name: this.name,
      takeOver: true,
      report: this.#report,
      onExit: () => this.#onExit(),
      // Asked for at each start: the limit may be raised, and a logger may turn up, meanwhile.
      get softNofile() {
        return common.softNofile;
      },
      get stdin() {
        return isLogger ? pipeEnd() : "inherit" as const;
      },
      get stdout() {
        return isLogger ? "inherit" as const : pipeEnd();
      },
      ...stderr !== undefined && { stderr },
    };
  }

  #startNow(): void {
    this.#timer = undefined;
    this.#lastStart = monotonicClock();
    try {
      this.#service = new Service(this.name, this.#options());
      this.#delay = FIRST_DELAY;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#report(`warning: ${reason}; trying again in ${this.#delay / 1000} s`);
      this.#later(this.#delay);
      this.#delay = Math.min(this.#delay * 2, LONGEST_DELAY);
    }
  }

  #onExit(): void {
    this.#service = undefined;
    if (this.active && !this.ending) this.start();
    else this.#gone();
  }

  #gone(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.closePipe();
    this.#onGone(this);
  }

  /**
   * Closes its end of the pipe: what was written still reaches the logger. A program that is being
   * started with it gets it first; its number might be another file's by then.
   */
  closePipe(): void {
    const { pipeEnd } = this;
    this.pipeEnd = undefined;
    if (pipeEnd === undefined) return;
    if (this.#service === undefined) close(pipeEnd);
    else this.#service.whenNothingStarts(() => close(pipeEnd));
  }

  /**
   * Ends its supervision: brings it down, or, for a logger, lets it read all there is first.
   *
   * @param drain Whether to wait until it ends by itself.
   */
  stop(drain: boolean): void {
    if (this.#service === undefined) this.#gone();
    else this.#service.signal(drain ? "HUP" : "TERM");
  }

  /** Ends its supervision at once, and leaves the service alone. */
  abandon(): void {
    this.#service?.signal("QUIT");
  }

  /** It at this instant; undefined while a program is being started. */
  snapshot(): ScannedServiceSnapshot | undefined {
    const service = this.#service?.snapshot();
    if (this.#service !== undefined && service === undefined) return undefined;
    return {
      name: this.name,
      identity: this.identity,
      active: this.active,
      ...this.pipeEnd !== undefined && { pipeEnd: this.pipeEnd },
      ...service && { service },
      ...this.#timer && { retryAt: this.#timer.deadline },
      ...this.#delay !== FIRST_DELAY && { retryDelay: this.#delay },
    };
  }
}
