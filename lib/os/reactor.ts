/**
 * Waiting for descriptors and for time.
 *
 * @module
 */

import { monotonicClock } from "./clock.ts";
import { close, tryRead, tryWrite } from "./file.ts";
import { libc } from "./libc.ts";
import { Parking } from "./runtime/parking.ts";
import { check, Errno, lastErrno, SystemError } from "./system_error.ts";
import { type Timer, TimerQueue } from "./timer_queue.ts";

const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLLIN = 1;
const EPOLLOUT = 4;
const EPOLLET = 0x8000_0000;
const EPOLL_CLOEXEC = 0o2000000;
const EFD_FLAGS = 0o2004000;
const TFD_FLAGS = 0o2004000;
const CLOCK_MONOTONIC = 1;

/** `struct epoll_event` is packed on x86-64 only. */
const EVENT_BYTES = Deno.build.arch === "x86_64" ? 12 : 16;
const DATA_OFFSET = EVENT_BYTES - 8;
const MAX_EVENTS = 256;

/** After this many batches in a row the rest of the program gets its turn. */
const BATCHES_IN_A_ROW = 32;

/**
 * The order in which descriptors that are ready at the same time are served. Readiness comes first: a
 * daemon that writes its newline and dies at once was ready.
 */
export enum Priority {
  /** A notification pipe. */
  Readiness,
  /** The death of a process. */
  Death,
  /** Anything else. */
  Ordinary,
}

/** How long the runtime may take for a turn before the main thread sleeps, in milliseconds. */
const TURN = 2;

interface Registration {
  readonly callback: () => void;
  readonly priority: Priority;
}

/**
 * One epoll descriptor, and one thread that waits on it, serve every descriptor and timer of the
 * program. Nothing polls: while nothing happens there is no system call.
 *
 * It runs, and keeps the program alive, for as long as something is registered.
 */
export class Reactor {
  readonly #epoll: number;
  readonly #wake: number;
  readonly #alarm: number;
  readonly #registrations = new Map<number, Registration>();
  readonly #timers = new TimerQueue();
  readonly #parking = new Parking();
  readonly #buffer = new Uint8Array(EVENT_BYTES * MAX_EVENTS);
  readonly #view = new DataView(this.#buffer.buffer);
  #alarmDeadline = Infinity;
  #running = false;

  constructor() {
    this.#epoll = check(libc.epoll_create1(EPOLL_CLOEXEC), "make an epoll descriptor");
    this.#wake = check(libc.eventfd(0, EFD_FLAGS), "make an event descriptor");
    this.#alarm = check(libc.timerfd_create(CLOCK_MONOTONIC, TFD_FLAGS), "make a timer");
    this.#control(EPOLL_CTL_ADD, this.#wake);
    this.#control(EPOLL_CTL_ADD, this.#alarm);
  }

  /** The descriptors that are the reactor's own. */
  get descriptors(): readonly number[] {
    return [this.#epoll, this.#wake, this.#alarm];
  }

  /**
   * Calls back whenever the descriptor has something to read (or can be written) or its other end is
   * gone.
   */
  watch(
    fd: number,
    priority: Priority,
    callback: () => void,
    direction: "read" | "write" = "read",
  ): void {
    this.#control(EPOLL_CTL_ADD, fd, direction === "read" ? EPOLLIN : EPOLLOUT);
    this.#registrations.set(fd, { callback, priority });
    this.#start();
  }

  /** Ends {@linkcode Reactor.watch}. Call it before the descriptor is closed. */
  unwatch(fd: number): void {
    if (!this.#registrations.delete(fd)) return;
    this.#control(EPOLL_CTL_DEL, fd);
    this.#stopIfIdle();
  }

  /** Calls back once, after this many milliseconds, unless disposed of before. */
  after(milliseconds: number, callback: () => void): Timer {
    const timer = this.#timers.add(monotonicClock() + milliseconds, callback, () => {
      this.#arm();
      this.#stopIfIdle();
    });
    this.#arm();
    this.#start();
    return timer;
  }

  /** Calls back in the next microtask, before any event, unless disposed of before. */
  soon(callback: () => void): Timer {
    let pending = true;
    queueMicrotask(() => {
      if (pending) guard(callback);
    });
    return { deadline: monotonicClock(), [Symbol.dispose]: () => void (pending = false) };
  }

  #control(operation: number, fd: number, events = EPOLLIN): void {
    const event = new Uint8Array(EVENT_BYTES);
    const view = new DataView(event.buffer);
    view.setUint32(0, events, true);
    view.setInt32(DATA_OFFSET, fd, true);
    check(libc.epoll_ctl(this.#epoll, operation, fd, event), `watch descriptor ${fd}`);
  }

  get #idle(): boolean {
    return this.#registrations.size === 0 && this.#timers.empty;
  }

  #stopIfIdle(): void {
    if (this.#running && this.#idle) tryWrite(this.#wake, new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]));
  }

  /** Sets the alarm to the first deadline. */
  #arm(): void {
    const { deadline } = this.#timers;
    if (deadline === this.#alarmDeadline) return;
    this.#alarmDeadline = deadline;
    const setting = new Uint8Array(32);
    if (deadline !== Infinity) {
      const nanoseconds = BigInt(Math.max(Math.ceil((deadline - monotonicClock()) * 1e6), 1));
      const view = new DataView(setting.buffer);
      view.setBigInt64(16, nanoseconds / 1_000_000_000n, true);
      view.setBigInt64(24, nanoseconds % 1_000_000_000n, true);
    }
    check(libc.timerfd_settime(this.#alarm, 0, setting, null), "set the timer");
  }

  #start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#run();
  }

  /**
   * From now on the main thread itself sleeps until the next event, for two seconds after each one,
   * where else another thread waits and wakes it: half the latency. For programs that do nothing beside
   * the reactor and what comes by the runtime's own descriptors (signals, children, threads): timers of
   * the runtime's do not ring meanwhile.
   *
   * A program that acts on something that it heard from the runtime, and not from the reactor, calls
   * {@linkcode Reactor.stir}.
   */
  park(): void {
    // Edge-triggered: Deno reads its own descriptors in its turn.
    for (const fd of this.#parking.begin(this.#epoll)) {
      this.#control(EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLET);
    }
  }

  /**
   * Keeps the main thread from sleeping as after {@linkcode Reactor.park}, while something is under
   * way that needs the runtime's timers.
   *
   * @returns what ends that.
   */
  hold(): Disposable {
    return this.#parking.hold();
  }

  /** Notes an event that came by the runtime: the runtime gets another turn before the next sleep. */
  stir(): void {
    this.#parking.stir();
  }

  async #run(): Promise<void> {
    while (!this.#idle) {
      const { watchful } = this.#parking;
      // -1 means EINTR (a stop and continue, a debugger), or an error that the next call reports.
      let count = await libc.epoll_wait_async(
        this.#epoll,
        this.#buffer,
        MAX_EVENTS,
        watchful ? TURN : -1,
      );
      this.#dispatch(count);
      let sleep = watchful && count === 0 ? await this.#parking.sleepingTime() : 0;
      if (this.#idle) sleep = 0;
      for (let batch = 0; batch < BATCHES_IN_A_ROW; batch++) {
        count = libc.epoll_wait(this.#epoll, this.#buffer, MAX_EVENTS, sleep);
        if (count < 0 && lastErrno() !== Errno.EINTR) throw new SystemError("wait for events");
        if (count <= 0) break;
        this.#dispatch(count);
        sleep = 0;
      }
    }
    this.#running = false;
  }

  #dispatch(count: number): void {
    const ready: number[] = [];
    for (let index = 0; index < count; index++) {
      const fd = this.#view.getInt32(index * EVENT_BYTES + DATA_OFFSET, true);
      if (fd === this.#wake) tryRead(fd, new Uint8Array(8));
      else if (fd === this.#alarm) this.#ring();
      else if (this.#registrations.has(fd)) ready.push(fd);
    }
    if (ready.length > 1) {
      const priority = (fd: number) => this.#registrations.get(fd)?.priority ?? 0;
      ready.sort((a, b) => priority(a) - priority(b));
    }
    if (ready.length > 0) this.stir();
    // A callback may have ended the watch of a descriptor further on in the batch.
    for (const fd of ready) guard(this.#registrations.get(fd)?.callback);
  }

  #ring(): void {
    tryRead(this.#alarm, new Uint8Array(8));
    this.#alarmDeadline = Infinity;
    const now = monotonicClock();
    this.stir();
    // A callback that sets a timer sets it later than `now`: this comes to an end.
    for (let due = this.#timers.takeDue(now); due; due = this.#timers.takeDue(now)) guard(due);
    this.#arm();
  }

  /** Closes the reactor's own descriptors. Call it when nothing is registered any more. */
  close(): void {
    for (const fd of [this.#epoll, this.#wake, this.#alarm]) close(fd);
  }
}

/** Calls back. An error is reported as the runtime reports it, and keeps no other callback from running. */
function guard(callback: (() => void) | undefined): void {
  try {
    callback?.();
  } catch (error) {
    reportError(error);
  }
}

let shared: Reactor | undefined;

/** Returns the program's reactor, which is made when first needed. */
export function reactor(): Reactor {
  return shared ??= new Reactor();
}
