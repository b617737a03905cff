import { monotonicClock } from "../os/clock.ts";
import { reactor } from "../os/reactor.ts";
import type { Timer } from "../os/timer_queue.ts";
import type { ServiceConfig } from "../servicedir/config.ts";
import { readSdStatus } from "../servicedir/sd_status.ts";
import { delayOf, KILL_AGAIN } from "./delays.ts";
import type { TimerName } from "./machine.ts";
import { abortService } from "./service_signals.ts";

/** The timer of a service: it has one at most, which the machine's effects arm and disarm. */
export class ServiceTimer {
  /** When the daemon became ready, on the monotonic clock. */
  readyAt = 0;
  readonly #directory: number;
  readonly #config: ServiceConfig;
  readonly #onTimer: () => void;
  #timer: Timer | undefined;

  /**
   * @param directory The service directory, open.
   * @param config Its files, which have the delays.
   * @param onTimer Called when the time is up.
   */
  constructor(directory: number, config: ServiceConfig, onTimer: () => void) {
    this.#directory = directory;
    this.#config = config;
    this.#onTimer = onTimer;
  }

  /** When the time will be up, on the monotonic clock; undefined where the timer is not armed. */
  get deadline(): number | undefined {
    return this.#timer?.deadline;
  }

  /** Arms the timer anew, in milliseconds; `undefined` disarms it. */
  arm(milliseconds: number | undefined): void {
    this.#timer?.[Symbol.dispose]();
    const onTimer = () => {
      this.#timer = undefined;
      this.#onTimer();
    };
    this.#timer = milliseconds === undefined
      ? undefined
      : milliseconds === 0
      ? reactor().soon(onTimer)
      : reactor().after(milliseconds, onTimer);
  }

  /**
   * Arms the timer of that name anew, or disarms it where its delay is "never".
   *
   * @param timer Its name.
   * @param wasReady Whether the daemon was ready in its last life.
   */
  armFor(timer: TimerName, wasReady: boolean): void {
    this.arm(delayOf(timer, this.#config, wasReady ? this.readyAt : undefined));
  }

  /** Aborts a silent daemon, and arms the timer that kills it; not where it is being killed already. */
  abortSilent(pid: number, report: (message: string) => void): void {
    // While the service is up, an armed timer means that it is being killed already.
    if (this.#timer !== undefined) return;
    report("warning: run has been silent for longer than data/sv/watchdog allows: aborting it");
    abortService(pid);
    this.arm(KILL_AGAIN);
  }

  /** Postpones the kill of a daemon to when `supervise/sd-status` asks for it. */
  extendKill(pid: number): void {
    const until = readSdStatus(this.#directory, pid)?.extendedUntil;
    if (this.#timer === undefined || until === undefined || until <= this.#timer.deadline) return;
    this.arm(until - monotonicClock());
  }
}
