import { monotonicClock } from "./clock.ts";
import { waitReadable } from "./descriptor.ts";
import { close, tryRead, tryWrite } from "./file.ts";
import { libc } from "./libc.ts";
import { check, Errno, lastErrno, SystemError } from "./system_error.ts";

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

/** After so many batches in a row the rest of the program gets its turn. */
const BATCHES_IN_A_ROW = 32;

/**
 * In which order descriptors that are ready at the same time are served. Readiness comes first: a
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

/** How long the runtime gets its turn before the main thread sleeps, in milliseconds. */
const TURN = 2;

/** How long after something has happened the main thread is watchful, in milliseconds. */
const WATCHFUL = 2000;

/** Half of the first sleep after something has happened, in milliseconds. */
const SHORTEST_NAP = 5;

/** More steps than there are from a result of the runtime's to the callback that gets it. */
const CALLBACK_HOPS = 50;

/** The epoll descriptors of this process: those on which the runtime waits. */
function runtimePolls(): number[] {
  return [...Deno.readDirSync("/proc/self/fd")].map(({ name }) => Number(name)).filter((fd) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${fd}`) === "anon_inode:[eventpoll]";
    } catch {
      return false;
    }
  });
}

interface Registration {
  readonly callback: () => void;
  readonly priority: Priority;
}

/** A pending call, of {@linkcode Reactor.after} or {@linkcode Reactor.soon}. */
export interface Timer extends Disposable {
  /** When it is due, on the monotonic clock, in milliseconds. */
  readonly deadline: number;
}

interface PendingTimer extends Timer {
  readonly callback: () => void;
}

/**
 * One epoll descriptor, and one thread that waits on it: every descriptor and timer of the program
 * is served from here. Nothing polls; while nothing happens it makes no system call.
 *
 * It runs, and keeps the program alive, for as long as something is registered.
 */
export class Reactor {
  readonly #epoll: number;
  readonly #wake: number;
  readonly #alarm: number;
  readonly #registrations = new Map<number, Registration>();
  readonly #timers: PendingTimer[] = [];
  readonly #buffer = new Uint8Array(EVENT_BYTES * MAX_EVENTS);
  readonly #view = new DataView(this.#buffer.buffer);
  #runtime: readonly number[] = [];
  /** Until when the next thing is likely to happen soon, on the monotonic clock. */
  #watchful = 0;
  #stirred = false;
  #nap = SHORTEST_NAP;
  #holds = 0;
  #alarmDeadline = Infinity;
  #running = false;

  constructor() {
    this.#epoll = check(libc.epoll_create1(EPOLL_CLOEXEC), "make an epoll descriptor");
    this.#wake = check(libc.eventfd(0, EFD_FLAGS), "make an event descriptor");
    this.#alarm = check(libc.timerfd_create(CLOCK_MONOTONIC, TFD_FLAGS), "make a timer");
    this.#control(EPOLL_CTL_ADD, this.#wake);
    this.#control(EPOLL_CTL_ADD, this.#alarm);
  }

  /** The descriptor on which another thread waits. */
  get descriptor(): number {
    return this.#epoll;
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

  /** Ends {@linkcode Reactor.watch}. To be called before the descriptor is closed. */
  unwatch(fd: number): void {
    if (!this.#registrations.delete(fd)) return;
    this.#control(EPOLL_CTL_DEL, fd);
    this.#stopIfIdle();
  }

  /** Calls back once, after so many milliseconds, unless disposed of before. */
  after(milliseconds: number, callback: () => void): Timer {
    const timers = this.#timers;
    const timer: PendingTimer = {
      deadline: monotonicClock() + milliseconds,
      callback,
      [Symbol.dispose]: () => {
        const index = timers.indexOf(timer);
        if (index < 0) return;
        timers.splice(index, 1);
        this.#arm();
        this.#stopIfIdle();
      },
    };
    let low = 0;
    let high = timers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (timers[middle]!.deadline <= timer.deadline) low = middle + 1;
      else high = middle;
    }
    timers.splice(low, 0, timer);
    this.#arm();
    this.#start();
    return timer;
  }

  /** Calls back as soon as what is being done is done, before anything else, unless disposed of. */
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
    return this.#registrations.size === 0 && this.#timers.length === 0;
  }

  #stopIfIdle(): void {
    if (this.#running && this.#idle) tryWrite(this.#wake, new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]));
  }

  /** Sets the alarm to the first timer. */
  #arm(): void {
    const deadline = this.#timers[0]?.deadline ?? Infinity;
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
   * From now on, for two seconds after each thing that happens, the main thread itself sleeps until
   * the next, where else another thread does and wakes it: half the latency. For programs that do
   * nothing beside the reactor and what comes by the runtime's own descriptors (signals, children,
   * threads); timers of the runtime's do not ring meanwhile.
   *
   * Whoever does something that the runtime told of, and not the reactor, says so by
   * {@linkcode Reactor.stir}.
   */
  park(): void {
    this.#runtime = runtimePolls().filter((fd) => fd !== this.#epoll);
    // Edges: the runtime takes what has come in its turn, in whatever order.
    for (const fd of this.#runtime) this.#control(EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLET);
    this.stir();
  }

  /**
   * Keeps the main thread from sleeping as after {@linkcode Reactor.park}, while something is under
   * way that needs the runtime's timers.
   *
   * @returns what ends that.
   */
  hold(): Disposable {
    let held = true;
    this.#holds++;
    return {
      [Symbol.dispose]: () => {
        if (held) this.#holds--;
        held = false;
      },
    };
  }

  /** Something has happened, and more may be under way in the runtime: it gets another turn. */
  stir(): void {
    this.#stirred = true;
    this.#nap = SHORTEST_NAP;
    this.#watchful = monotonicClock() + WATCHFUL;
  }

  /**
   * How long the main thread may sleep, after a turn of the runtime's in which nothing happened; 0
   * where it may not.
   *
   * The runtime may have taken something in that very turn whose callback is still to be called,
   * behind the one that led here: such callbacks come first. And there is an instant in each turn in
   * which the runtime takes note of something new, to look at it in its next turn: a sleep that
   * begins then would hold it up. So sleeps are short at first, each twice as long as the one before.
   */
  async #sleepingTime(): Promise<number> {
    this.#stirred = false;
    for (let hop = 0; hop < CALLBACK_HOPS; hop++) await undefined;
    if (
      this.#stirred || this.#idle || this.#holds > 0 ||
      waitReadable(this.#runtime, 0).includes(true)
    ) return 0;
    const left = Math.ceil(this.#watchful - monotonicClock());
    this.#nap *= 2;
    return Math.max(Math.min(left, this.#nap), 0);
  }

  async #run(): Promise<void> {
    while (!this.#idle) {
      const watchful = this.#runtime.length > 0 && monotonicClock() < this.#watchful;
      // A result of -1 here is EINTR (a stop and continue, a debugger), or the next call says.
      let count = await libc.epoll_wait_async(
        this.#epoll,
        this.#buffer,
        MAX_EVENTS,
        watchful ? TURN : -1,
      );
      this.#dispatch(count);
      let sleep = watchful && count === 0 ? await this.#sleepingTime() : 0;
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
    if (ready.length > 0 && this.#runtime.length > 0) this.stir();
    // A callback may have ended the watch of a descriptor further on in the batch.
    for (const fd of ready) guard(this.#registrations.get(fd)?.callback);
  }

  #ring(): void {
    tryRead(this.#alarm, new Uint8Array(8));
    this.#alarmDeadline = Infinity;
    const now = monotonicClock();
    if (this.#runtime.length > 0) this.stir();
    while (this.#timers.length > 0 && this.#timers[0]!.deadline <= now) {
      guard(this.#timers.shift()!.callback);
    }
    this.#arm();
  }

  /** Closes the reactor's own descriptors. To be called when nothing is registered any more. */
  close(): void {
    for (const fd of [this.#epoll, this.#wake, this.#alarm]) close(fd);
  }
}

/** An error in one callback is reported as the runtime reports it, and harms no other. */
function guard(callback: (() => void) | undefined): void {
  try {
    callback?.();
  } catch (error) {
    reportError(error);
  }
}

let shared: Reactor | undefined;

/** The program's reactor, made when first needed. */
export function reactor(): Reactor {
  return shared ??= new Reactor();
}
