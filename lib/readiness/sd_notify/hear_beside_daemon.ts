import { Signal } from "../../os/signal.ts";
import { ignoreSignals } from "../../os/signal_state.ts";
import { reasonOf } from "../../os/system_error.ts";
import { monotonicClock } from "../../os/clock.ts";
import { waitReadable } from "../../os/descriptor.ts";
import { close, CWD } from "../../os/file.ts";
import { fstat } from "../../os/file_status.ts";
import { Priority, reactor } from "../../os/reactor.ts";
import type { Timer } from "../../os/timer_queue.ts";
import { receive, removeSocket } from "../../os/datagram_socket.ts";
import { controlAbout } from "../../servicedir/control.ts";
import { isSv } from "../../servicedir/is_sv.ts";
import { ControlCommand } from "../../servicedir/protocol.ts";
import { writeSdStatus } from "../../servicedir/sd_status.ts";
import { HANDED, takeHanded } from "../companion.ts";
import { drainSocket } from "./drain_socket.ts";
import { LONGEST_NOTIFICATION, parseNotification } from "./notification.ts";
import { hear, nothingSaid, type Said, silentAt } from "./sd_notify_said.ts";
import { belongsTo, type ServiceProcesses } from "../service_processes.ts";
import { tellReady } from "../newline/tell_ready.ts";

/** Milliseconds until the next attempt to tell the supervisor. */
const RETRY = 1000;

/** How many messages are taken in a turn. */
const MESSAGES_AT_ONCE = 64;

/** Signals to the whole service that must not end this process before the daemon. */
const TO_ALL = [
  Signal.HUP,
  Signal.INT,
  Signal.QUIT,
  Signal.USR1,
  Signal.USR2,
  Signal.TERM,
] as const;

/**
 * Why messages don't count any more: the daemon has died, or is ready and s6 supervises it, or was not
 * ready in time, or s6 was killed before it was ready.
 */
type Ending = "died" | "ready" | "late" | "unsupervised";

/** The exit codes of this process, those of s6-notify-fd-from-socket's child; for debugging. */
const EXIT: Readonly<Record<Ending, number>> = { died: 0, ready: 0, late: 99, unsupervised: 0 };

/** What {@linkcode hearBesideDaemon} needs to know. */
export interface BesideDaemonOptions {
  /** The service; only its processes are listened to. */
  readonly service: ServiceProcesses;
  /** The daemon's process id, as the supervisor knows it. */
  readonly pid: number;
  /** When the daemon was started, on the monotonic clock in milliseconds. */
  readonly since: number;
  /** Milliseconds that the daemon may take to get ready; 0: no limit. */
  readonly timeout: number;
  /** Milliseconds of silence after which the daemon is restarted; undefined: never. */
  readonly watchdog: number | undefined;
  /** A socket file to remove at the end. */
  readonly socketFile: string | undefined;
  /** Whether messages count when the daemon is ready: `sv` uses those that follow, s6 does not. */
  readonly stay: boolean;
  /** Prints a warning. */
  readonly report: (message: string) => void;
}

/** Receives the daemon's messages until it dies, and tells the supervisor of them. */
class Hearing {
  readonly #options: BesideDaemonOptions;
  readonly #onEnd: (how: Ending) => void;
  readonly #stay: boolean;
  readonly #warned = new Set<string>();
  #said: Said;
  #ready = false;
  #written = "";
  #silence: Timer | undefined;
  #limit: Timer | undefined;
  #retry: Timer | undefined;
  #notificationClosed = false;

  constructor(options: BesideDaemonOptions, onEnd: (how: Ending) => void) {
    this.#options = options;
    this.#onEnd = onEnd;
    this.#stay = options.stay;
    this.#said = nothingSaid(this.#stay ? options.watchdog : undefined);
    this.#setLimit();
    reactor().watch(HANDED.third, Priority.Readiness, () => this.#listen());
    reactor().watch(HANDED.second, Priority.Death, () => this.#end("died"));
    // The pipe loses its reader when the supervisor is killed. Then there is none to be told; not so
    // under sv, where a new supervisor takes the service over and can be told by a command byte.
    if (!this.#stay && fstat(HANDED.first).type === "fifo") {
      reactor().watch(HANDED.first, Priority.Death, () => this.#end("unsupervised"));
    }
  }

  #warnOnce(kind: string, text: string): void {
    if (this.#warned.has(kind)) return;
    this.#warned.add(kind);
    this.#options.report(`warning: ${text}`);
  }

  /** Sets the time limit for readiness, which the daemon may extend. */
  #setLimit(): void {
    const { timeout, since } = this.#options;
    this.#limit?.[Symbol.dispose]();
    this.#limit = undefined;
    if (timeout === 0 || this.#ready) return;
    const end = Math.max(since + timeout, this.#said.extendedUntil);
    this.#limit = reactor().after(Math.max(0, end - monotonicClock()), () => {
      this.#options.report(
        `warning: the service is up, but not ready: it did not say READY=1 in ${timeout} milliseconds`,
      );
      this.#end("late");
    });
  }

  #listen(): void {
    // A barrier is answered by being disposed of, and promises its sender that all messages before it
    // have taken effect. So each message takes effect before the next is received.
    // After some messages timers and deaths get their turn: anyone may send without end.
    for (let count = 0; count < MESSAGES_AT_ONCE; count++) {
      using datagram = receive(HANDED.third, LONGEST_NOTIFICATION);
      if (datagram === undefined) break;
      const { pid, uid, bytes, truncated } = datagram;
      if (!belongsTo(this.#options.service, pid)) {
        this.#warnOnce(
          "sender",
          `ignoring a notification from process ${pid} of user ${uid}: it is not one of this ` +
            "service's processes, or is gone already; others like it will be ignored silently",
        );
      } else if (truncated) {
        this.#warnOnce(
          "length",
          `ignoring a notification of more than ${LONGEST_NOTIFICATION} bytes`,
        );
      } else this.#hear(parseNotification(bytes));
      if (this.#ready && !this.#stay) return this.#end("ready");
    }
    this.#keep();
  }

  #hear(fields: ReadonlyMap<string, string>): void {
    this.#checkMainPid(fields.get("MAINPID"));
    const former = this.#said;
    this.#said = hear(former, fields, monotonicClock());
    if (fields.get("READY") === "1" && !this.#ready) this.#onReady();
    if (!this.#stay) return;
    this.#watchSilence();
    if (this.#said.extendedUntil === former.extendedUntil) return;
    this.#setLimit();
    this.#keep();
    this.#tell(ControlCommand.extend);
  }

  /** Warns where the daemon tells that another process is the service now: no supervisor follows it. */
  #checkMainPid(told: string | undefined): void {
    const { pid, service } = this.#options;
    // In a PID namespace of its own the daemon knows itself by another number.
    if (told === undefined || Number(told) === pid || Number(told) === service.pid) return;
    const shown = JSON.stringify(told.slice(0, 20));
    this.#warnOnce(
      "main process",
      `the daemon says that its main process is ${shown} (MAINPID), but process ${pid} is supervised, ` +
        "and stays so; keep the daemon in the foreground, or see sv help background-watch",
    );
  }

  #onReady(): void {
    this.#ready = true;
    // Before the supervisor knows it: who waits for readiness finds what the daemon has told.
    this.#keep();
    this.#setLimit();
    reactor().unwatch(HANDED.first);
    this.#tellReady();
  }

  /**
   * Tells the supervisor that the daemon is ready, unless it has died meanwhile. Tries again later where
   * the supervisor was killed: the one that takes the service over has to be told, too.
   */
  #tellReady(): void {
    const dead = waitReadable([HANDED.second], 0)[0];
    if (dead || tellReady(HANDED.first, this.#options.pid) || !this.#stay) {
      this.#closeNotification();
    } else this.#retry = reactor().after(RETRY, () => this.#tellReady());
  }

  /** Lets the supervisor see that nothing more will be told: it need not watch the pipe longer. */
  #closeNotification(): void {
    if (this.#notificationClosed) return;
    this.#notificationClosed = true;
    reactor().unwatch(HANDED.first);
    close(HANDED.first);
  }

  /** Writes what the daemon has told to `supervise/sd-status`, for `sv stat`. */
  #keep(): void {
    const { state, status, extendedUntil } = this.#said;
    const content = JSON.stringify([state, status, extendedUntil]);
    if (!this.#stay || content === this.#written) return;
    this.#written = content;
    try {
      writeSdStatus(CWD, { pid: this.#options.pid, state, status, extendedUntil });
    } catch (error) {
      this.#warnOnce("status", `${reasonOf(error)}; what the daemon says is lost`);
    }
  }

  #watchSilence(): void {
    const due = silentAt(this.#said);
    this.#silence?.[Symbol.dispose]();
    this.#silence = due === undefined
      ? undefined
      : reactor().after(Math.max(0, due - monotonicClock()), () => this.#onSilence());
  }

  #onSilence(): void {
    // A dead daemon is silent. Its service may have a new one by now, which must not be aborted.
    if (waitReadable([HANDED.second], 0)[0]) return;
    this.#tell(ControlCommand.silent);
    // Starts the watchdog's period anew: the supervisor may be gone, or the service paused.
    this.#said = { ...this.#said, aliveAt: monotonicClock(), givesUp: false };
    this.#watchSilence();
  }

  /** Sends the supervisor a command byte that only `sv` knows. */
  #tell(command: ControlCommand): void {
    try {
      if (isSv(".")) controlAbout(".", this.#options.pid, command);
    } catch (error) {
      this.#warnOnce("control", `${reasonOf(error)}; the supervisor can't be told`);
    }
  }

  #end(how: Ending): void {
    this.#closeNotification();
    reactor().unwatch(HANDED.second);
    reactor().unwatch(HANDED.third);
    this.#silence?.[Symbol.dispose]();
    this.#limit?.[Symbol.dispose]();
    this.#retry?.[Symbol.dispose]();
    this.#onEnd(how);
  }
}

/**
 * Receives the messages of systemd's protocol that the daemon beside which this process runs sends, and
 * tells the supervisor of them. Ends when the daemon dies: a daemon whose socket were gone would fail at
 * its next message. Under s6 messages count until the daemon is ready.
 *
 * @returns The exit code, where this process has not become another program.
 */
export async function hearBesideDaemon(options: BesideDaemonOptions): Promise<number> {
  takeHanded(HANDED.first, HANDED.second, HANDED.third);
  ignoreSignals(TO_ALL);
  const { promise, resolve } = Promise.withResolvers<Ending>();
  new Hearing(options, resolve);
  const how = await promise;
  if (how !== "died") await drainSocket(options.socketFile === undefined);
  if (options.socketFile !== undefined) removeSocket(options.socketFile);
  return EXIT[how];
}
