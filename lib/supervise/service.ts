/**
 * A supervised service: the state machine's senses and hands.
 *
 * ## How a service lives
 *
 * `machine.ts` says what a service is and what follows on what. A `Service` brings the machine its
 * inputs and carries its effects out:
 *
 *     notification pipe ──> newline, closed ──┐
 *     `Programs` ─────────> death, started … ─┤
 *     timer ──────────────> timer ────────────┼──> machine ──> effects
 *     control FIFO ───────> commands ─────────┤
 *     `signal()` ─────────> TERM, HUP, … ─────┘
 *
 * It begins in one of three ways. *Fresh*: the directory is taken (lock, control FIFO, fifodir), the
 * death tally emptied, the first status written, `s` sent, and a timer of no length starts `run`
 * unless there is a file `down`. *Taking over*: the process that the status file names has survived
 * its supervisor; then the machine begins in the phase of that process. Such a process is foreign, no
 * child of this one, so its death is known, but not always how it died. *Resuming*: another program in
 * this very process has left a snapshot, with all descriptors open, and the service goes on from there.
 *
 * It ends with the effect `exit`: `x` is sent and everything is closed. A process that still runs (on
 * QUIT) goes on by itself.
 *
 * ## Status before event
 *
 * A client that waits for a service subscribes to the events first and reads the status second. The
 * supervisor writes the status first and sends the event second. Either the client reads the new
 * status, or the event comes after it has read: nothing is missed, and no lock is needed. Therefore
 * every change is announced by one function, `#announce`, and nothing else sends an event that goes
 * with a status.
 *
 * ## One thing after the other
 *
 * The reactor calls back for newlines first, then for deaths, then for commands and timers. The
 * service reads the notification pipe to its end before it feeds a death.
 *
 * A start of a program may take time: the spawner then returns a promise. What comes meanwhile is
 * deferred (`Programs.defer`) and fed after the outcome of the start, so the machine never sees a
 * service that is neither down nor up. A snapshot can't be taken meanwhile.
 *
 * An effect that fails, because a disk is full or a directory was removed, is reported; the effects
 * after it are still carried out, and no other service is affected.
 *
 * @module
 */

import { monotonicClock, wallClock } from "../os/clock.ts";
import { close } from "../os/file.ts";
import { cString } from "../os/os_string.ts";
import { unlink } from "../os/path.ts";
import { reactor } from "../os/reactor.ts";
import type { WaitStatus } from "../os/wait_status.ts";
import { eventBytes, notifyAt } from "../fifodir/notify.ts";
import { CommandReader } from "../servicedir/addressed_command.ts";
import { ServiceConfig } from "../servicedir/config.ts";
import { FailureNote } from "../servicedir/failure.ts";
import { addDeath, death, emptyDeathTally } from "../servicedir/death_tally.ts";
import { ControlCommand, ServiceEvent, ServicePath } from "../servicedir/protocol.ts";
import { markDown } from "../servicedir/mark_down.ts";
import { heldControl, type SuperviseDir } from "../servicedir/supervise_dir.ts";
import { inDirectory, takeServiceDirectory } from "../servicedir/take_service_directory.ts";
import { Orphans } from "../servicedir/orphans.ts";
import { findSurvivor } from "../servicedir/survivor.ts";
import { attempt } from "./attempt.ts";
import { watchControl } from "./control_fifo.ts";
import {
  commandInput,
  type Effect,
  initialState,
  type Input,
  isFinishing,
  isRunning,
  type MachineState,
  step,
  type SupervisorSignal,
} from "./machine.ts";
import { NotificationPipe, reopenNotification } from "./notification_pipe.ts";
import { Doubt } from "./doubt.ts";
import { isOfThisLife } from "./is_of_this_life.ts";
import { Narrator } from "./narrator.ts";
import { Poller } from "./poller.ts";
import { Programs } from "./programs.ts";
import type { ServiceOptions } from "./service_options.ts";
import { killService, signalService } from "./service_signals.ts";
import type { ServiceSnapshot } from "./service_snapshot.ts";
import { ServiceTimer } from "./service_timer.ts";
import { stateOf, statusOf } from "./state_and_status.ts";
import { type StatusCopy, StatusWriter } from "./status_writer.ts";

const EVENT = cString(ServicePath.event);

/**
 * One supervised service. It costs a few descriptors and small objects, and no time while nothing
 * happens to it.
 */
export class Service {
  readonly #options: ServiceOptions;
  readonly #directory: number;
  readonly #held: SuperviseDir;
  readonly #config: ServiceConfig;
  readonly #failure: FailureNote;
  readonly #programs: Programs;
  readonly #poller = new Poller();
  readonly #copy: StatusCopy | undefined;
  readonly #status: StatusWriter;
  readonly #timer: ServiceTimer;
  readonly #narrator: Narrator | undefined;
  #state: MachineState;
  #notification: NotificationPipe | undefined;
  readonly #doubt = new Doubt();
  readonly #commands = new CommandReader();
  #ended = false;

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
    const { directory, held } = snapshot === undefined
      ? takeServiceDirectory(path, options.name, options.report, options.leavesRoom)
      : {
        directory: snapshot.descriptors.directory,
        held: heldControl(snapshot.descriptors.control, snapshot.descriptors.lock),
      };
    options.onTaken?.(held.lock, held.control);
    this.#copy = options.copyStatus?.(held.lock);
    this.#directory = directory;
    this.#held = held;
    this.#config = new ServiceConfig(directory, options.report);
    this.#narrator = options.verbose ? new Narrator(options.report) : undefined;
    this.#failure = new FailureNote(directory, !held.isNew);
    this.#programs = new Programs(directory, this.#config, this.#failure, options, {
      feed: (input) => this.#feed(input),
      onDeath: (status) => this.#onDeath(status),
    });
    this.#timer = new ServiceTimer(directory, this.#config, () => {
      this.#attempt(() => this.#feed({ name: "timer" }));
    });
    let news = "";
    try {
      if (snapshot !== undefined) {
        this.#state = snapshot.state;
        this.#status = this.#writer(BigInt(snapshot.stamp), BigInt(snapshot.readyStamp));
        this.#status.copyFile();
        this.#resume(snapshot);
        return;
      }
      const { survivor, ticks, isNews = false, doubtful = [] } = options.takeOver && !held.isNew
        ? findSurvivor(directory, options.orphans ?? new Orphans(), (pid) => this.#leaveAlone(pid))
        : {};
      if (isNews) {
        news = isFinishing(stateOf(survivor!).phase) ? ServiceEvent.down : ServiceEvent.up;
      }
      const wantUp = !this.#config.down;
      this.#state = survivor ? stateOf(survivor) : initialState(wantUp && doubtful.length === 0);
      const now = wallClock();
      this.#status = this.#writer(survivor?.stamp ?? now, survivor?.readyStamp ?? now);
      if (survivor === undefined) emptyDeathTally(directory);
      else this.#takeOver(ticks);
      this.#doubt.report(doubtful, options.report);
      if (wantUp) this.#awaitEndOf(doubtful);
    } catch (error) {
      this.#ended = true;
      this.#release();
      throw inDirectory(path, error);
    }
    this.#announce(ServiceEvent.supervised + news);
    this.#watchControl();
    if (this.#state.pid !== 0) return;
    // Only that first status says "not started yet".
    this.#state = { ...this.#state, paused: false };
    this.#timer.arm(0);
  }

  #writer(stamp: bigint, readyStamp: bigint): StatusWriter {
    const status = { ...statusOf(this.#state), stamp, readyStamp };
    return new StatusWriter(this.#directory, this.#options.report, status, this.#copy);
  }

  /**
   * Takes a survivor over: it keeps its process, its times, its readiness.
   *
   * @param ticks When it was started, where that was found out without a record of it.
   */
  #takeOver(ticks: string | undefined): void {
    const { pid, ready, phase } = this.#state;
    const readySince = wallClock() - this.#status.readyStamp;
    this.#timer.readyAt = monotonicClock() - Number(readySince / 1_000_000n);
    if (isFinishing(phase)) this.#timer.armFor("finish", this.#state.wasReady);
    else if (!ready) this.#reopenNotification(pid);
    this.#programs.record.resume(pid, isFinishing(phase) ? "finish" : "run", ticks);
    this.#programs.watch({ pid, foreign: true });
    this.#poll();
    this.#options.report(
      `${isFinishing(phase) ? "finish" : "run"} still runs as process ${pid}: taking it over`,
    );
  }

  /** Takes over the notification pipe of a survivor. */
  #reopenNotification(pid: number): void {
    const { notificationFd } = this.#programs;
    const fd = reopenNotification(pid, notificationFd);
    if (fd !== undefined) this.#openNotification(fd);
    else if (notificationFd !== undefined) {
      this.#options.report(
        `warning: process ${pid} has closed its descriptor ${notificationFd}: if it told that it is ` +
          "ready, its former supervisor was killed before it heard that",
      );
    }
  }

  /** Tells that a process which may be the service's is not taken over. */
  #leaveAlone(pid: number): void {
    this.#options.report(
      `warning: supervise/status names process ${pid}, which runs, but supervise/process has no ` +
        "record that it is the service's: not taking it over; stop it if it is",
    );
  }

  /** Starts the service when processes that may be its own have died. */
  #awaitEndOf(doubtful: readonly number[]): void {
    this.#doubt.await(doubtful, this.#options.deaths, () => {
      this.#attempt(() => this.#feed({ name: ControlCommand.up }));
    });
  }

  /** Goes on where another program in this process has left off. */
  #resume(
    { descriptors, detached, doubtful, foreign, readyAt, statusIsStale, timer }: ServiceSnapshot,
  ): void {
    const { pid } = this.#state;
    this.#timer.readyAt = readyAt;
    this.#programs.detached = detached;
    this.#openNotification(descriptors.notification);
    if (pid !== 0) {
      this.#programs.record.resume(pid, isFinishing(this.#state.phase) ? "finish" : "run");
      this.#programs.watch({ pid, foreign });
      this.#poll();
    }
    this.#watchControl();
    if (timer !== undefined) this.#timer.arm(Math.max(timer - monotonicClock(), 0));
    if (statusIsStale) this.#writeStatus();
    this.#awaitEndOf(doubtful ?? []);
  }

  /** Returns the service at this instant; undefined while a program is being started. */
  snapshot(): ServiceSnapshot | undefined {
    if (this.#programs.starting || this.#ended) return undefined;
    return {
      state: this.#state,
      stamp: String(this.#status.stamp),
      readyStamp: String(this.#status.readyStamp),
      readyAt: this.#timer.readyAt,
      ...this.#timer.deadline !== undefined && { timer: this.#timer.deadline },
      ...this.#status.isStale && { statusIsStale: true },
      ...this.#doubt.pids.length > 0 && { doubtful: this.#doubt.pids },
      detached: this.#programs.detached,
      foreign: this.#programs.foreign,
      descriptors: {
        directory: this.#directory,
        control: this.#held.control,
        lock: this.#held.lock,
        ...this.#notification && { notification: this.#notification.fd },
      },
    };
  }

  /** What the machine remembers now. */
  get state(): MachineState {
    return this.#state;
  }

  /**
   * Calls back as soon as no program is being started. After that the caller may close descriptors
   * meant for a program being started.
   */
  whenNothingStarts(callback: () => void): void {
    this.#programs.whenNothingStarts(callback);
  }

  /** Takes a signal that was sent to the supervisor. */
  signal(name: SupervisorSignal): void {
    this.#feed({ name });
  }

  /** Takes command bytes as if they came from the control FIFO. */
  command(bytes: Uint8Array): void {
    for (const { byte, about } of this.#commands.read(bytes)) {
      const input = commandInput(byte, about);
      if (input !== undefined) this.#feed(input);
    }
  }

  /** Ends the supervision; a service that runs goes on without a supervisor. */
  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    // A client that hears the event must find that there is no supervisor any more.
    this.#release(() => this.#notify(ServiceEvent.unsupervised));
    this.#options.onExit();
  }

  /** Ends all watches, and closes everything; the directory last, after `lastly`. */
  #release(lastly: () => void = () => {}): void {
    this.#poller.stop();
    // There is none yet where the constructor fails early.
    this.#status?.stop();
    this.#timer.arm(undefined);
    this.#closeNotification();
    this.#programs.unwatch();
    this.#doubt.end();
    reactor().unwatch(this.#held.control);
    this.#copy?.remove();
    this.#held[Symbol.dispose]();
    this.#attempt(lastly);
    close(this.#directory);
  }

  #attempt(call: () => void): void {
    attempt(this.#options.report, call);
  }

  /** Feeds an input to the machine, and carries out the effects. */
  #feed(input: Input): void {
    if (this.#ended || this.#programs.defer(input)) return;
    const about = "about" in input ? input.about : undefined;
    if (about !== undefined && !isOfThisLife(about, this.#state.pid)) return;
    this.#doubt.resolve(input);
    const [state, effects] = step(this.#state, input);
    this.#narrator?.note(this.#state, input, state, this.#status.stamp);
    this.#state = state;
    for (const effect of effects) {
      if (this.#ended) break;
      this.#attempt(() => this.#perform(effect));
    }
    this.#narrator?.tell(this.#timer.deadline);
    if (!this.#ended) this.#options.onChange?.();
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case "start":
        return this.#programs.startRun((pid, notification) => {
          this.#openNotification(notification);
          this.#feed({ name: "started", pid });
          this.#poll();
        });
      case "finish":
        return this.#programs.startFinish(effect.pid, effect.status);
      case "stamp":
        return effect.which === "change" ? this.#status.stampChange() : this.#stampReady();
      case "announce":
        if (effect.events.startsWith(ServiceEvent.failed)) {
          this.#failure.write("permanent", "failed permanently: ./finish has exited 125");
        }
        return this.#announce(effect.events);
      case "tally":
        return this.#tally(effect.status);
      case "signal":
        return signalService(this.#config, effect.pid, effect);
      case "killOverdue":
        return killService(this.#config, effect.pid);
      case "abortSilent":
        return this.#timer.abortSilent(effect.pid, this.#options.report);
      case "extendKill":
        return this.#timer.extendKill(effect.pid);
      case "arm":
        // The machine arms this timer when it brings a service down, and at no other time.
        if (effect.timer === "kill") this.#programs.record.stopping(wallClock());
        return this.#timer.armFor(effect.timer, this.#state.wasReady);
      case "disarm":
        return this.#timer.arm(undefined);
      case "markDown":
        return markDown(this.#directory, ServicePath.down);
      case "unmarkDown":
        return void unlink(this.#directory, ServicePath.down);
      case "closeNotification":
        return this.#closeNotification();
      case "detach":
        if (!this.#programs.detached) this.#options.onDetach?.();
        this.#programs.detached = true;
        return;
      case "warn":
        return this.#options.report(`warning: ${effect.text}`);
      case "exit":
        return this.#end();
    }
  }

  /** Makes a change known: the status first, the events second. No other function does. */
  #announce(events: string): void {
    this.#writeStatus();
    if (events !== "") this.#notify(events);
  }

  #writeStatus(): void {
    this.#status.write(statusOf(this.#state), () => this.#writeStatus());
  }

  #notify(events: string): void {
    notifyAt(this.#directory, EVENT, eventBytes(events), ServicePath.event);
  }

  #stampReady(): void {
    this.#poller.stop();
    this.#status.stampReady();
    if (isRunning(this.#state.phase)) this.#timer.readyAt = monotonicClock();
  }

  #tally(status: WaitStatus): void {
    addDeath(this.#directory, death(this.#status.stamp, status), this.#config.maxDeaths);
  }

  #watchControl(): void {
    watchControl(this.#held.control, this.#options.report, (bytes) => this.command(bytes));
  }

  #openNotification(fd: number | undefined): void {
    if (fd === undefined) return;
    this.#notification = new NotificationPipe(fd, (name) => {
      this.#attempt(() => this.#feed({ name }));
    });
  }

  #closeNotification(): void {
    this.#notification?.close();
    this.#notification = undefined;
  }

  /** Polls a service that is not ready, where its directory says how. */
  #poll(): void {
    const { phase, ready, pid } = this.#state;
    if (this.#ended || ready || pid === 0 || !isRunning(phase)) return;
    this.#attempt(() =>
      this.#poller.start(this.#options, {
        directory: this.#directory,
        pid,
        stdout: () => this.#programs.stdout,
        onReady: () => {
          // If the daemon has just died, another process may have answered the check.
          this.#attempt(() => this.#feed({ name: ControlCommand.ready, about: pid }));
        },
      })
    );
  }

  #onDeath(status: WaitStatus): void {
    this.#poller.stop();
    // The daemon wrote its newline, if any, before it died.
    this.#notification?.read();
    this.#feed({ name: "death", status });
  }
}
