import { monotonicClock, wallClock } from "../os/clock.ts";
import type { Deaths } from "../os/deaths.ts";
import { type Pipe, pipe, setNonblocking } from "../os/descriptor.ts";
import { close, CWD, Descriptor, Open, open, readFile, replaceFile, tryRead } from "../os/file.ts";
import { Access, accessErrno, unlink } from "../os/path.ts";
import { isLocked } from "../os/lock.ts";
import { cString } from "../os/os_string.ts";
import { isDead } from "../os/process.ts";
import { Priority, reactor } from "../os/reactor.ts";
import { selfCommand } from "../os/runtime/self_command.ts";
import { Signal } from "../os/signal.ts";
import { sendSignal, sendSignalToGroup } from "../os/send_signal.ts";
import type { PassedDescriptor, Spawned, Spawner, Standard } from "../os/spawn/spawner.ts";
import { Errno, errnoMessage, isErrno, SystemError } from "../os/system_error.ts";
import type { Timer } from "../os/timer_queue.ts";
import { withoutUmask } from "../os/umask.ts";
import { exitCode, termSignal, type WaitStatus } from "../os/wait_status.ts";
import { cleanAt } from "../fifodir/clean.ts";
import { notifyAt } from "../fifodir/notify.ts";
import { ServiceConfig } from "../servicedir/config.ts";
import {
  death,
  DEATH_TALLY_BYTES,
  packDeathTally,
  unpackDeathTally,
} from "../servicedir/death_tally.ts";
import {
  ControlCommand,
  NEW_FILE,
  NEWLINE,
  NO_EXIT_CODE,
  ServiceEvent,
  ServicePath,
  SupervisePath,
} from "../servicedir/protocol.ts";
import { readSdStatus } from "../servicedir/sd_status.ts";
import { type ServiceStatus, StatusRecord, type TimelessStatus } from "../servicedir/status.ts";
import {
  ensureEventDirectory,
  heldControl,
  openControl,
  type SuperviseDir,
} from "../servicedir/supervise_dir.ts";
import { findSurvivor, reopenPipe } from "../servicedir/survivor.ts";
import {
  commandInput,
  type Effect,
  initialState,
  type Input,
  type MachineState,
  step,
  type SupervisorSignal,
  type Wait,
} from "./machine.ts";
import { Poller } from "./poller.ts";

const SECOND = 1000;
const RETRY = 60 * SECOND;
const KILL_AGAIN = 5 * SECOND;
const LONGEST_STATUS_RETRY = 8 * SECOND;
const NOTIFICATION_BUFFER = new Uint8Array(512);

const FINISH = cString("./finish");
const EVENT = cString(ServicePath.event);
const STATUS = cString(SupervisePath.status);
const NEW_STATUS = cString(SupervisePath.status + NEW_FILE);
const TALLY = cString(SupervisePath.deathTally);
const NEW_TALLY = cString(SupervisePath.deathTally + NEW_FILE);

function reasonOf(error: unknown): string {
  return error instanceof SystemError ? errnoMessage(error.errno) : String(error);
}

function closePipe(pipe: Pipe | undefined): void {
  if (pipe === undefined) return;
  close(pipe.read);
  close(pipe.write);
}

/** What a {@linkcode Service} needs from outside. */
export interface ServiceOptions {
  /** Its name, as `run` gets it: the directory as it was given. */
  readonly name: string;
  /** Starts `run` and `finish`. */
  readonly spawner: Spawner;
  /** Learns of their deaths. */
  readonly deaths: Deaths;
  /** What `run` and `finish` get as their descriptor 0; default: the supervisor's own. */
  readonly stdin?: Standard;
  /** What `run` and `finish` get as their descriptor 1; default: the supervisor's own. */
  readonly stdout?: Standard;
  /** What `run` and `finish` get as their descriptor 2; default: the supervisor's own. */
  readonly stderr?: Standard;
  /** The soft limit on open files for `run` and `finish`, where it is not this process's. */
  readonly softNofile?: number | undefined;
  /** Signals that `run` and `finish` ignore. */
  readonly ignoredSignals?: readonly number[];
  /** Says something to the administrator. */
  readonly report: (message: string) => void;
  /** The supervisor of this service is to end: the service is down, or left alone. */
  readonly onExit: () => void;
  /** The supervisor's stdin and stdout are needed no more. */
  readonly onDetach?: () => void;
  /** Whether a service that survived its former supervisor is taken over, and not started anew. */
  readonly takeOver?: boolean;
}

/** A service at an instant, for another program in the same process to go on with. */
export interface ServiceSnapshot {
  /** What the machine remembers. */
  readonly state: MachineState;
  /** Since when it is up or down, in nanoseconds. */
  readonly stamp: string;
  /** When it was ready or down for good, in nanoseconds. */
  readonly readyStamp: string;
  /** When it was ready, on the monotonic clock, in milliseconds. */
  readonly readyAt: number;
  /** When the timer is due, on the monotonic clock, in milliseconds. */
  readonly timer?: number;
  /** The status file says something else, because it could not be written. */
  readonly statusIsStale?: true;
  /** Whether its stdin and stdout lead nowhere. */
  readonly detached: boolean;
  /** Whether it is no child of this process. */
  readonly foreign: boolean;
  /** Descriptors that stay open. */
  readonly descriptors: {
    readonly directory: number;
    readonly control: number;
    readonly lock: number;
    readonly notification?: number;
  };
}

/**
 * One supervised service: carries out what the state machine decides. It costs a few descriptors
 * and a small object; it has a timer only while it waits for something.
 */
export class Service {
  readonly #options: ServiceOptions;
  readonly #directory: number;
  readonly #config: ServiceConfig;
  readonly #held: SuperviseDir;
  #state: MachineState;
  #record: StatusRecord;
  #readyAt = 0;
  #timer: Timer | undefined;
  #statusRetry: Timer | undefined;
  #statusDelay = SECOND;
  #notification: number | undefined;
  #child: Disposable | undefined;
  #detached = false;
  /** What came while a program was being started; undefined while none is. */
  #deferred: Input[] | undefined;
  readonly #afterStart: (() => void)[] = [];
  #ended = false;
  /** Whether the process that runs is no child of this one. */
  #foreign = false;
  readonly #poller = new Poller();

  /**
   * Takes a service directory: makes what is missing, takes the lock, writes the first status.
   *
   * @param path Path of the service directory.
   * @param options What it needs from outside.
   * @param snapshot The service as another program in this process left it.
   * @throws {AlreadySupervisedError} when another supervisor has it.
   */
  constructor(path: string, options: ServiceOptions, snapshot?: ServiceSnapshot) {
    this.#options = options;
    const now = wallClock();
    const fresh = { ...this.#timeless(initialState(true)), stamp: now, readyStamp: now };
    this.#record = new StatusRecord(fresh);
    if (snapshot !== undefined) {
      const { directory, control, lock } = snapshot.descriptors;
      this.#directory = directory;
      this.#config = new ServiceConfig(directory, options.report);
      this.#held = heldControl(control, lock);
      this.#state = snapshot.state;
      this.#resume(snapshot);
      return;
    }
    // One that is only a place costs less at each start of a program, which gets it and closes it.
    this.#directory = open(CWD, path, Open.PATH | Open.DIRECTORY);
    try {
      this.#config = new ServiceConfig(this.#directory, options.report);
      const { held, hasNewEvents } = withoutUmask(() => ({
        hasNewEvents: ensureEventDirectory(this.#directory),
        held: openControl(this.#directory, SupervisePath, options.name),
      }));
      this.#held = held;
      try {
        if (!hasNewEvents) this.#attempt(() => cleanAt(this.#directory, EVENT, "event"));
        this.#state = initialState(!this.#config.down);
        const mayHaveSurvived = options.takeOver && !held.isNew;
        const survivor = mayHaveSurvived ? findSurvivor(this.#directory) : undefined;
        if (survivor === undefined) {
          const truncate = Open.WRITE | Open.CREATE | Open.TRUNCATE | Open.NONBLOCK;
          close(open(this.#directory, TALLY, truncate));
        } else this.#takeOver(survivor);
      } catch (error) {
        this.#held[Symbol.dispose]();
        throw error;
      }
    } catch (error) {
      close(this.#directory);
      // What was tried is said relative to the service directory.
      throw error instanceof SystemError
        ? new SystemError(`${error.attempt} in ${path}`, error.errno)
        : error;
    }
    this.#announce(ServiceEvent.supervised);
    reactor().watch(this.#held.control, Priority.Ordinary, () => this.#readControl());
    if (this.#state.pid !== 0) return;
    // Only that first status says "not started yet".
    this.#state = { ...this.#state, paused: false };
    this.#wait(0);
  }

  /** Goes on with a service that runs already: it keeps its process, its times, its readiness. */
  #takeOver(survivor: ServiceStatus): void {
    const { pid, ready, paused, finishing, waitStatus, wantUp } = survivor;
    this.#record = new StatusRecord(survivor);
    this.#readyAt = monotonicClock() - Number((wallClock() - survivor.readyStamp) / 1_000_000n);
    const phase = finishing ? "finish" : "up";
    this.#state = { phase, pid, ready, paused, waitStatus, wantUp, wasReady: ready };
    this.#foreign = true;
    if (finishing) this.#wait(this.#delay("finish"));
    else if (!ready) this.#rejoinNotification(pid);
    this.#watchChild({ pid, foreign: true });
    this.#poll();
    this.#options.report(
      `${finishing ? "finish" : "run"} still runs as process ${pid}: taking it over`,
    );
  }

  /** A service that has not said yet that it is ready still has its end of the pipe. */
  #rejoinNotification(pid: number): void {
    const fd = this.#config.notificationFd(this.#openFiles);
    // A standard descriptor that is a pipe is more likely one to a logger.
    if (fd === undefined || fd <= 2) return;
    const ends = reopenPipe(pid, fd);
    if (ends === undefined) return;
    close(ends.write);
    setNonblocking(ends.read, true);
    this.#watchNotification(ends.read);
  }

  #resume(snapshot: ServiceSnapshot): void {
    const { descriptors: { notification, control }, timer } = snapshot;
    this.#record = new StatusRecord({
      ...this.#timeless(snapshot.state),
      stamp: BigInt(snapshot.stamp),
      readyStamp: BigInt(snapshot.readyStamp),
    });
    this.#readyAt = snapshot.readyAt;
    this.#detached = snapshot.detached;
    this.#foreign = snapshot.foreign;
    if (notification !== undefined) this.#watchNotification(notification);
    if (this.#state.pid !== 0) {
      this.#watchChild({ pid: this.#state.pid, foreign: snapshot.foreign });
      this.#poll();
    }
    reactor().watch(control, Priority.Ordinary, () => this.#readControl());
    if (timer !== undefined) this.#wait(Math.max(timer - monotonicClock(), 0));
    if (snapshot.statusIsStale) this.#writeStatus();
  }

  /** The service at this instant; undefined while a program is being started. */
  snapshot(): ServiceSnapshot | undefined {
    if (this.#deferred !== undefined || this.#ended) return undefined;
    return {
      state: this.#state,
      stamp: String(this.#record.stamp),
      readyStamp: String(this.#record.readyStamp),
      readyAt: this.#readyAt,
      ...this.#timer && { timer: this.#timer.deadline },
      ...this.#statusRetry && { statusIsStale: true },
      detached: this.#detached,
      foreign: this.#foreign,
      descriptors: {
        directory: this.#directory,
        control: this.#held.control,
        lock: this.#held.lock,
        ...this.#notification !== undefined && { notification: this.#notification },
      },
    };
  }

  /** What the machine knows now. */
  get state(): MachineState {
    return this.#state;
  }

  /** Calls back as soon as no program is being started, which may still need what it is to get. */
  whenNothingStarts(callback: () => void): void {
    if (this.#deferred === undefined) callback();
    else this.#afterStart.push(callback);
  }

  /** Takes a signal that was sent to the supervisor. */
  signal(name: SupervisorSignal): void {
    this.#feed({ name });
  }

  /** Takes command bytes as if they came from the control FIFO. */
  command(bytes: Uint8Array): void {
    for (const byte of bytes) {
      const input = commandInput(byte);
      if (input !== undefined) this.#feed(input);
    }
  }

  /** Lets go of everything; a service that runs goes on without a supervisor. */
  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#poller.stop();
    this.#attempt(() => this.#notify(ServiceEvent.unsupervised));
    this.#wait(undefined);
    this.#statusRetry?.[Symbol.dispose]();
    this.#closeNotification();
    this.#child?.[Symbol.dispose]();
    reactor().unwatch(this.#held.control);
    this.#held[Symbol.dispose]();
    close(this.#directory);
    this.#options.onExit();
  }

  /** Whatever goes wrong with one thing is said, and harms no other. */
  #attempt(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#reportError(error);
    }
  }

  #reportError(error: unknown): void {
    this.#options.report(`warning: ${error instanceof Error ? error.message : error}`);
  }

  #feed(input: Input): void {
    if (this.#ended) return;
    if (this.#deferred !== undefined) return void this.#deferred.push(input);
    const [state, effects] = step(this.#state, input);
    this.#state = state;
    for (const effect of effects) {
      if (this.#ended) return;
      try {
        this.#perform(effect);
      } catch (error) {
        this.#reportError(error);
      }
    }
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case "start":
        return this.#start();
      case "finish":
        return this.#finish(effect.pid, effect.status);
      case "stamp":
        if (effect.which === "change") this.#record.stampChange();
        else {
          this.#poller.stop();
          this.#record.stampReady();
          if (this.#state.phase === "up" || this.#state.phase === "lastUp") {
            this.#readyAt = monotonicClock();
          }
        }
        return;
      case "announce":
        return this.#announce(effect.events);
      case "tally":
        return this.#tally(effect.status);
      case "signal":
        return this.#signal(effect.signal, effect.pid, effect.group);
      case "killOverdue": {
        const group = this.#config.killGroup;
        this.#signal(Signal.KILL, effect.pid, group);
        return this.#signal(Signal.CONT, effect.pid, group);
      }
      case "abortSilent":
        return this.#abortSilent(effect.pid);
      case "extendKill":
        return this.#extendKill(effect.pid);
      case "wait":
        return this.#wait(this.#delay(effect.until));
      case "waitForNothing":
        return this.#wait(undefined);
      case "markDown":
        return close(
          open(this.#directory, ServicePath.down, Open.WRITE | Open.CREATE | Open.TRUNCATE),
        );
      case "unmarkDown":
        return void unlink(this.#directory, ServicePath.down);
      case "closeNotification":
        return this.#closeNotification();
      case "detach":
        if (!this.#detached) this.#options.onDetach?.();
        this.#detached = true;
        return;
      case "warn":
        return this.#options.report(`warning: ${effect.text}`);
      case "exit":
        return this.#end();
    }
  }

  /** The one place where a change becomes known. Status first: a waiter subscribes, then reads. */
  #announce(events: string): void {
    this.#writeStatus();
    if (events !== "") this.#notify(events);
  }

  /** Writes the status. Where that fails (a full disk, say) it is tried again until it is right. */
  #writeStatus(): void {
    this.#statusRetry?.[Symbol.dispose]();
    this.#statusRetry = undefined;
    try {
      this.#record.update(this.#timeless(this.#state));
      replaceFile(this.#directory, STATUS, NEW_STATUS, this.#record.bytes);
      this.#statusDelay = SECOND;
    } catch (error) {
      // In a directory that was removed there will never be a status again.
      const gone = isErrno(error, Errno.ENOENT);
      if (gone || this.#statusDelay === SECOND) {
        this.#options.report(
          `warning: ${(error as Error).message}${gone ? "" : "; trying again until it succeeds"}`,
        );
      }
      if (gone) return;
      this.#statusRetry = reactor().after(this.#statusDelay, () => this.#writeStatus());
      this.#statusDelay = Math.min(this.#statusDelay * 2, LONGEST_STATUS_RETRY);
    }
  }

  #notify(events: string): void {
    const bytes = Uint8Array.from(events, (character) => character.charCodeAt(0));
    notifyAt(this.#directory, EVENT, bytes, "event");
  }

  #timeless({ pid, waitStatus, paused, wantUp, ready, phase }: MachineState): TimelessStatus {
    const finishing = phase === "finish" || phase === "lastFinish";
    return { pid, waitStatus, paused, finishing, wantUp, ready };
  }

  #delay(until: Wait): number | undefined {
    switch (until) {
      case "restart": {
        const ready = this.#state.wasReady ? this.#readyAt : monotonicClock();
        return Math.max(ready + SECOND - monotonicClock(), 0);
      }
      case "retry":
        return RETRY;
      case "kill":
        return this.#config.killTimeout || undefined;
      case "killAgain":
        return KILL_AGAIN;
      case "finish":
        return this.#config.finishTimeout || undefined;
    }
  }

  #wait(milliseconds: number | undefined): void {
    this.#timer?.[Symbol.dispose]();
    const ring = () => this.#onTimer();
    this.#timer = milliseconds === undefined
      ? undefined
      : milliseconds === 0
      ? reactor().soon(ring)
      : reactor().after(milliseconds, ring);
  }

  #onTimer(): void {
    this.#timer = undefined;
    this.#attempt(() => this.#feed({ name: "timer" }));
  }

  #signal(signal: number | "down" | "reload", pid: number, group: boolean): void {
    const number = signal === "down"
      ? this.#config.downSignal
      : signal === "reload"
      ? this.#config.reloadSignal
      : signal;
    if (group) sendSignalToGroup(pid, number);
    else sendSignal(pid, number);
  }

  /** While it is up, a timer means that it is being killed. */
  #abortSilent(pid: number): void {
    if (this.#timer !== undefined) return;
    this.#options.report(
      "warning: run has been silent for longer than data/watchdog allows: aborting it",
    );
    sendSignal(pid, Signal.ABRT);
    sendSignal(pid, Signal.CONT);
    this.#wait(KILL_AGAIN);
  }

  /** The daemon said in `supervise/sd-status` how long it needs. */
  #extendKill(pid: number): void {
    const until = readSdStatus(this.#directory, pid)?.extendedUntil;
    if (this.#timer === undefined || until === undefined || until <= this.#timer.deadline) return;
    this.#wait(until - monotonicClock());
  }

  #tally(status: WaitStatus): void {
    const limit = this.#config.maxDeaths;
    if (limit === 0) return;
    let deaths = [] as ReturnType<typeof unpackDeathTally>;
    try {
      deaths = unpackDeathTally(readFile(this.#directory, TALLY, 2 * DEATH_TALLY_BYTES));
    } catch (error) {
      if (!isErrno(error, Errno.ENOENT)) throw error;
    }
    const kept = [...deaths, death(this.#record.stamp, status)].slice(-limit);
    replaceFile(this.#directory, TALLY, NEW_TALLY, packDeathTally(kept));
  }

  /** The limit on open files that the service has. */
  get #openFiles(): number {
    return this.#options.softNofile ?? 1 << 20;
  }

  #start(): void {
    const failed = (error: unknown) => {
      this.#options.report(
        `warning: cannot start ./run: ${reasonOf(error)}; trying again in 60 seconds`,
      );
      this.#feed({ name: "startFailed", final: false });
    };
    let notification: Pipe | undefined;
    try {
      const lockFd = this.#config.lockFd(this.#openFiles);
      const notificationFd = this.#config.notificationFd(this.#openFiles);
      if (notificationFd !== undefined && notificationFd === lockFd) {
        this.#options.report(
          `warning: cannot start the service: notification-fd and lock-fd are both ${lockFd}; ` +
            "change one of them, then use sv control -u",
        );
        return this.#feed({ name: "startFailed", final: true });
      }
      const argv = [...this.#locker(lockFd), "./run", this.#options.name];
      if (notificationFd !== undefined) notification = pipe({ nonblockingRead: true });
      const passed = notification && [{ source: notification.write, target: notificationFd! }];
      this.#spawn(argv, passed ?? [], this.#config.newPidNamespace, (pid) => {
        if (notification !== undefined) {
          close(notification.write);
          this.#watchNotification(notification.read);
        }
        this.#feed({ name: "started", pid });
        this.#poll();
      }, (error) => {
        closePipe(notification);
        failed(error);
      });
    } catch (error) {
      closePipe(notification);
      failed(error);
    }
  }

  /** The chain-loader that takes the service's lock: it waits for a former instance to be gone. */
  #locker(lockFd: number | undefined): string[] {
    if (lockFd === undefined) return [];
    using lock = new Descriptor(
      open(
        this.#directory,
        SupervisePath.serviceLock,
        Open.WRITE | Open.CREATE | Open.TRUNCATE | Open.NONBLOCK,
      ),
    );
    if (isLocked(lock.fd, SupervisePath.serviceLock)) {
      this.#options.report(
        "warning: another instance of the service is still running; the new one waits for its end",
      );
    }
    return [...selfCommand(), "setlock", "-d", String(lockFd), "--", SupervisePath.serviceLock];
  }

  #spawn(
    argv: string[],
    descriptors: PassedDescriptor[],
    newPidNamespace: boolean,
    started: (pid: number) => void,
    failed: (error: unknown) => void,
  ): void {
    const succeed = (spawned: Spawned) => {
      this.#foreign = false;
      this.#watchChild(spawned);
      started(spawned.pid);
    };
    let result: Spawned | Promise<Spawned>;
    try {
      result = this.#options.spawner.spawn({
        directory: this.#directory,
        argv,
        descriptors,
        newPidNamespace,
        softNofile: this.#options.softNofile,
        ignoredSignals: this.#options.ignoredSignals ?? [],
        stdin: this.#detached ? "null" : this.#options.stdin ?? "inherit",
        stdout: this.#detached ? "null" : this.#options.stdout ?? "inherit",
        stderr: this.#options.stderr ?? "inherit",
      });
    } catch (error) {
      return failed(error);
    }
    if (!(result instanceof Promise)) return succeed(result);
    // To the machine a start takes no time: whatever comes meanwhile comes after it.
    this.#deferred = [];
    const settle = (call: () => void) => {
      const deferred = this.#deferred ?? [];
      this.#deferred = undefined;
      this.#afterStart.splice(0).forEach((callback) => callback());
      this.#attempt(call);
      deferred.forEach((input) => this.#feed(input));
    };
    result.then(
      (spawned) => settle(() => succeed(spawned)),
      (error) => settle(() => failed(error)),
    );
  }

  #finish(pid: number, status: WaitStatus): void {
    const failed = (error: unknown) => {
      this.#options.report(
        `warning: cannot start ./finish: ${reasonOf(error)}; going on without it`,
      );
      this.#feed({ name: "finishAbsent" });
    };
    // Most services have none: look before a process is made for it.
    if (accessErrno(this.#directory, FINISH, Access.EXISTS) === Errno.ENOENT) {
      return this.#feed({ name: "finishAbsent" });
    }
    const code = exitCode(status) ?? NO_EXIT_CODE;
    const signal = termSignal(status) ?? 0;
    const argv = ["./finish", String(code), String(signal), this.#options.name, String(pid)];
    this.#spawn(argv, [], false, (pid) => this.#feed({ name: "finishStarted", pid }), failed);
  }

  #readControl(): void {
    this.#attempt(() => {
      const buffer = new Uint8Array(512);
      const count = tryRead(this.#held.control, buffer);
      if (count > 0) this.command(buffer.subarray(0, count));
      else if (count !== -Errno.EAGAIN && count !== 0) {
        reactor().unwatch(this.#held.control);
        throw new SystemError(`read ${SupervisePath.control}`, -count);
      }
    });
  }

  #watchChild(process: Spawned): void {
    this.#child = this.#options.deaths.watch(process, (status) => {
      this.#attempt(() => this.#onDeath(status));
    });
  }

  #watchNotification(fd: number): void {
    this.#notification = fd;
    reactor().watch(fd, Priority.Readiness, () => this.#attempt(() => this.#readNotification()));
  }

  #readNotification(): void {
    while (this.#notification !== undefined) {
      const count = tryRead(this.#notification, NOTIFICATION_BUFFER);
      if (count === -Errno.EAGAIN) return;
      if (count <= 0) {
        this.#feed({ name: "closed" });
        continue;
      }
      const newline = NOTIFICATION_BUFFER.indexOf(NEWLINE);
      if (newline >= 0 && newline < count) this.#feed({ name: "newline" });
    }
  }

  /** Polls a service that is not ready, where its directory says how. */
  #poll(): void {
    const { phase, ready, pid } = this.#state;
    if (this.#ended || ready || pid === 0 || (phase !== "up" && phase !== "lastUp")) return;
    const { name, deaths, softNofile, stderr, ignoredSignals, report } = this.#options;
    const stdout = () => this.#detached ? "null" as const : this.#options.stdout ?? "inherit";
    this.#attempt(() =>
      this.#poller.start({
        name,
        directory: this.#directory,
        pid,
        deaths,
        softNofile,
        ignoredSignals: ignoredSignals ?? [],
        get stdout() {
          return stdout();
        },
        stderr: stderr ?? "inherit",
        report,
        // What answers may be somebody else, when the daemon has died this very moment.
        onReady: () =>
          isDead(pid) || this.#attempt(() => this.#feed({ name: ControlCommand.ready })),
      })
    );
  }

  #closeNotification(): void {
    if (this.#notification === undefined) return;
    reactor().unwatch(this.#notification);
    close(this.#notification);
    this.#notification = undefined;
  }

  #onDeath(status: WaitStatus): void {
    this.#child = undefined;
    this.#poller.stop();
    // A newline that was written before the death came before the death.
    this.#readNotification();
    this.#feed({ name: "death", status });
  }
}
