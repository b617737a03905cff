import { reasonOf } from "../os/system_error.ts";
import { monotonicClock } from "../os/clock.ts";
import { close } from "../os/file.ts";
import { reactor } from "../os/reactor.ts";
import type { Standard } from "../os/spawn/spawner.ts";
import type { Timer } from "../os/timer_queue.ts";
import type { Destination } from "../log/collector/messages.ts";
import type { LogProcesses } from "./log_processes.ts";
import { ServiceOutput } from "./service_output.ts";
import { noteRefusal } from "../servicedir/refusal.ts";
import { AlreadySupervisedError } from "../servicedir/supervise_dir.ts";
import { Service } from "../supervise/service.ts";
import type { ServiceOptions } from "../supervise/service_options.ts";
import type { ServiceSnapshot } from "../supervise/service_snapshot.ts";

const FIRST_DELAY = 1000;
const LONGEST_DELAY = 60_000;

/** The options that all services of a scan share. */
export interface CommonOptions extends
  Pick<
    ServiceOptions,
    | "spawner"
    | "deaths"
    | "softNofile"
    | "ignoredSignals"
    | "orphans"
    | "verbose"
    | "copyStatus"
    | "leavesRoom"
  > {
  /** What services without a pipe to read from get as their descriptor 0; default: the scan's own. */
  readonly serviceStdin?: Standard;
  /** Called when the state of a service has changed, or may have. */
  readonly onServiceChange?: ((service: ScannedService) => void) | undefined;
}

/** A service in the snapshot of an upgrade. */
export interface ScannedServiceSnapshot {
  /** Its name in the scan directory. */
  readonly name: string;
  /** Device and inode of its directory. */
  readonly identity: string;
  /** Whether the last scan found it. */
  readonly active: boolean;
  /** Its end of the pipe between service and logger. */
  readonly pipeEnd?: number;
  /** The state of its supervision, where it is supervised. */
  readonly service?: ServiceSnapshot;
  /** When the scan next tries to supervise it, on the monotonic clock, in milliseconds. */
  readonly retryAt?: number;
  /** Milliseconds from that try to the next, where it fails. */
  readonly retryDelay?: number;
}

/**
 * A service directory in a scan. It outlives its supervisor: one that exits is started again, and a
 * directory that can't be supervised is tried again, less and less often.
 */
export class ScannedService {
  /** Its name in the scan directory, which may change. */
  name: string;
  /** Device and inode of the directory: they stay when it is renamed. */
  readonly identity: string;
  /** Whether the last scan found it. Otherwise it is not supervised again once its supervisor exits. */
  active = true;
  /** Whether the whole scan is ending. */
  ending = false;
  /**
   * Its end of the pipe between service and logger: a logger's input, or a service's output. Or the FIFO
   * for the output that a log process reads.
   */
  pipeEnd: number | undefined;
  /** Whether it is a logger. */
  readonly isLogger: boolean;
  /** What was wrong with its file `data/sv/log` when that was read last. */
  logProblem: string | undefined;
  /** The service's descriptor 2, where it isn't the scan's own. */
  stderr: number | undefined;
  readonly #common: CommonOptions;
  readonly #report: (message: string) => void;
  readonly #onGone: (gone: ScannedService) => void;
  readonly #output: ServiceOutput;
  #service: Service | undefined;
  #timer: Timer | undefined;
  #delay = FIRST_DELAY;
  #lastStart = -Infinity;
  /** Whether this program has not supervised it yet. */
  #isFirst = true;
  /** Whether the scan has ended its supervision, and it has not come down yet. */
  #stopped = false;

  /**
   * @param name Its name in the scan directory.
   * @param identity Device and inode of its directory.
   * @param common The options that all services of the scan share.
   * @param report Gets messages for the administrator.
   * @param onGone Is called when it has no supervisor any more and will not get one.
   * @param logs The log processes of the scan.
   */
  constructor(
    name: string,
    identity: string,
    common: CommonOptions,
    report: (message: string) => void,
    onGone: (gone: ScannedService) => void,
    logs?: LogProcesses,
  ) {
    this.name = name;
    this.identity = identity;
    this.isLogger = name.includes("/");
    this.#common = common;
    this.#report = (message) => report(`${this.name}: ${message}`);
    this.#onGone = onGone;
    this.#output = new ServiceOutput(logs, this.#report);
  }

  /** Says where its output is logged, from now on; undefined: it is the scan's own. */
  logTo(destination: Destination | undefined): void {
    this.#output.destination = destination;
    if (this.#service !== undefined && this.pipeEnd !== undefined) this.#openOutput();
  }

  /** Opens the FIFO for its output, where the output is logged. */
  #openOutput(): void {
    this.pipeEnd = this.#output.open(this.name, this.pipeEnd);
  }

  /** Whether it has a supervisor at the moment. */
  get running(): boolean {
    return this.#service !== undefined;
  }

  /** Its state, while it has a supervisor. */
  get state(): Service["state"] | undefined {
    return this.#service?.state;
  }

  /** Starts to supervise it; if that was last done less than a second ago, when the second is over. */
  start(): void {
    if (this.#service !== undefined || this.ending) return;
    this.#timer?.[Symbol.dispose]();
    const wait = this.#lastStart + FIRST_DELAY - monotonicClock();
    if (wait > 0) this.#later(wait);
    else this.#startNow();
  }

  /** Resumes the supervision that another program in this process handed over. */
  resume({ active, pipeEnd, service, retryAt, retryDelay }: ScannedServiceSnapshot): void {
    this.active = active;
    this.pipeEnd = pipeEnd;
    this.#delay = retryDelay ?? FIRST_DELAY;
    const wait = retryAt === undefined ? FIRST_DELAY : Math.max(retryAt - monotonicClock(), 0);
    if (service !== undefined) this.#supervise(service);
    else if (active) this.#later(wait);
  }

  #later(milliseconds: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = reactor().after(milliseconds, () => this.#startNow());
  }

  #options(): ServiceOptions {
    const pipeEnd = () => this.pipeEnd ?? "inherit" as const;
    const output = () => {
      // A change of data/sv/log holds from the next start on.
      if (this.#output.isUnwanted) this.closePipe();
      else this.#openOutput();
      return pipeEnd();
    };
    const { isLogger, stderr } = this;
    const common = this.#common;
    const { onServiceChange, serviceStdin = "inherit" } = common;
    const stdin = () => (isLogger ? this.pipeEnd : undefined) ?? serviceStdin;
    return {
      ...common,
      name: this.name,
      takeOver: true,
      report: this.#report,
      onExit: () => this.#onExit(),
      // Getters, read at each start: the limit may have been raised and a logger found since.
      get softNofile() {
        return common.softNofile;
      },
      get stdin() {
        return stdin();
      },
      get stdout() {
        return isLogger ? "inherit" as const : output();
      },
      ...stderr !== undefined && { stderr },
      ...onServiceChange && { onChange: () => onServiceChange(this) },
    };
  }

  #startNow(): void {
    this.#timer = undefined;
    this.#lastStart = monotonicClock();
    this.#supervise();
  }

  /** Supervises it, from a snapshot where there is one; if that fails, tries again later. */
  #supervise(snapshot?: ServiceSnapshot): void {
    try {
      this.#service = new Service(this.name, this.#options(), snapshot);
      // A survivor writes to it already.
      if (!this.isLogger) this.#openOutput();
      if (!this.isLogger && this.#isFirst) this.#output.drain(this.name, this.pipeEnd);
      this.#isFirst = false;
      this.#delay = FIRST_DELAY;
      this.#common.onServiceChange?.(this);
    } catch (error) {
      if (error instanceof AlreadySupervisedError) noteRefusal(this.name);
      const seconds = this.#delay / 1000;
      const later = `${seconds} second${seconds === 1 ? "" : "s"}`;
      this.#report(`warning: ${reasonOf(error)}; trying again in ${later}`);
      this.#later(this.#delay);
      this.#delay = Math.min(this.#delay * 2, LONGEST_DELAY);
    }
  }

  #onExit(): void {
    // A program that tells a service not to start again and its supervisor to exit may be about to end the scan.
    if (!this.#service!.state.wantUp && !this.#stopped) this.#lastStart = monotonicClock();
    this.#service = undefined;
    this.#stopped = false;
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
   * Closes its end of the pipe; the logger can still read what is in the pipe. While a program is
   * being started with it, it stays open: the descriptor's number could be another file's by then.
   */
  closePipe(): void {
    const { pipeEnd } = this;
    this.pipeEnd = undefined;
    this.#output.release(this.name);
    if (pipeEnd === undefined) return;
    if (this.#service === undefined) close(pipeEnd);
    else this.#service.whenNothingStarts(() => close(pipeEnd));
  }

  /**
   * Ends its supervision.
   *
   * @param drain Let the service run until it exits by itself, as a logger does when it has read
   * everything; otherwise bring it down.
   */
  stop(drain: boolean): void {
    if (this.#service === undefined) return this.#gone();
    this.#stopped = true;
    this.#service.signal(drain ? "HUP" : "TERM");
  }

  /** Ends its supervision at once; the service goes on running. */
  abandon(): void {
    if (this.#service === undefined) this.#gone();
    else this.#service.signal("QUIT");
  }

  /** Returns its snapshot; undefined while a program is being started. */
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
