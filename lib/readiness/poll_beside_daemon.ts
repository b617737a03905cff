import { monotonicClock } from "../os/clock.ts";
import { close, fstat, tryWrite } from "../os/file.ts";
import { waitReadable } from "../os/descriptor.ts";
import { Priority, reactor } from "../os/reactor.ts";
import { HANDED, takeHanded } from "./companion.ts";
import { commandLineCheck, DATA_CHECK, execCheck } from "./exec_check.ts";
import {
  type PollClock,
  pollOnClock,
  type PollOptions,
  type PollResult,
  type ReadinessCheck,
} from "./poll_until_ready.ts";

const NEWLINE = new Uint8Array([0x0a]);

/** How this process ends, as s6-notifyoncheck's child: nobody looks at it but a person who debugs. */
const EXIT = { "ready": 0, "gave up": 1, "died": 2, "timed out": 3 } as const;

/** How to poll the daemon. */
export interface PollBesideDaemonOptions extends Omit<PollOptions, "signal"> {
  /** A command line to check with; default: `./data/check`. */
  readonly commandLine: string | undefined;
  /** When the daemon was started, on the monotonic clock in milliseconds. */
  readonly since: number;
  /** The limit on open files of a check, where that is not this process's. */
  readonly softNofile: number | undefined;
  /** Where warnings go. */
  readonly report: (message: string) => void;
}

const clock: PollClock = {
  now: monotonicClock,
  at(time, callback) {
    if (time === Infinity) return () => {};
    const timer = reactor().after(Math.max(0, time - monotonicClock()), callback);
    return () => timer[Symbol.dispose]();
  },
};

/** Why nobody wants to know any more whether the daemon is ready. */
class Pointless extends Error {}

function daemonIsDead(): boolean {
  return waitReadable([HANDED.second], 0)[0]!;
}

/**
 * Aborted when the daemon has died, or when nobody reads the notification any more: the supervisor
 * was killed. Both are descriptors, so neither can be missed, whenever it happened.
 */
function watchForTheEnd(): AbortSignal {
  const controller = new AbortController();
  // This process takes a while to start; by now it may all be over.
  if (daemonIsDead()) controller.abort(new Pointless());
  const watch = (fd: number) =>
    reactor().watch(fd, Priority.Death, () => {
      reactor().unwatch(fd);
      controller.abort(new Pointless());
    });
  watch(HANDED.second);
  // Whoever tries this out without a supervisor may have given a file, which can't be watched.
  if (fstat(HANDED.first).type === "fifo") watch(HANDED.first);
  return controller.signal;
}

/** Warns about a check that can't even be run, once for each reason. */
function warnOfFailures(check: ReadinessCheck, report: (message: string) => void): ReadinessCheck {
  const warned = new Set<string>();
  return async (signal) => {
    try {
      return await check(signal);
    } catch (error) {
      const { message, name } = error as Error;
      if (name === "SystemError" && !warned.has(message)) {
        warned.add(message);
        report(
          `warning: ${message}, in ${Deno.cwd()}; the service is not ready until it can be run`,
        );
      }
      throw error;
    }
  };
}

/** Lets nobody leave before the last check has ended. */
function attended(check: ReadinessCheck) {
  let running: Promise<unknown> = Promise.resolve();
  return {
    check: ((signal) => {
      const verdict = Promise.resolve(check(signal));
      running = verdict.catch(() => {});
      return verdict;
    }) as ReadinessCheck,
    ended: () => running,
  };
}

function announce(): void {
  // Between the check's success and this moment the daemon may have died.
  if (!daemonIsDead()) tryWrite(HANDED.first, NEWLINE);
}

function explain({ outcome, tries, lastFailure }: PollResult): string {
  const why = lastFailure === undefined ? "" : `; the last time, ${lastFailure}`;
  const checks = tries === 1 ? "1 check" : `${tries} checks`;
  return `warning: the service is up, but not ready: ${outcome} after ${checks}${why}`;
}

/**
 * Polls the daemon beside which this process runs, and tells the supervisor when it is ready. Ends
 * at once when the daemon dies.
 *
 * @returns The exit code.
 */
export async function pollBesideDaemon(options: PollBesideDaemonOptions): Promise<number> {
  const { commandLine, report, since } = options;
  takeHanded(HANDED.first, HANDED.second);
  const program = commandLine === undefined
    ? DATA_CHECK
    : commandLineCheck(commandLine, Deno.env.get("PATH"));
  const { check, ended } = attended(
    warnOfFailures(execCheck(program, options.softNofile), report),
  );
  const signal = watchForTheEnd();
  try {
    const result = await pollOnClock(check, { ...options, signal }, clock, since);
    if (result.ready) announce();
    else report(explain(result));
    // The supervisor is to see at once that nobody will write to it any more.
    reactor().unwatch(HANDED.first);
    close(HANDED.first);
    await ended();
    return EXIT[result.outcome];
  } catch (error) {
    if (!(error instanceof Pointless)) throw error;
    await ended();
    return EXIT.died;
  }
}
