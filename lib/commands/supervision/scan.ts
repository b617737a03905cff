import { descriptorState } from "../../os/descriptor.ts";
import {
  blockSignalsInAllThreads,
  restartWithSignalsBlocked,
} from "../../os/runtime/blocked_signals.ts";
import { Scan, type ScanOptions } from "../../scan/scan.ts";
import { AlreadySupervisedError, WrongFileError } from "../../servicedir/supervise_dir.ts";
import { type Command, Failure, UsageError } from "../../cli/command.ts";
import { parseOptions, unsigned } from "../../options/parse_options.ts";
import { complain } from "../../cli/output.ts";

function between(low: number, value: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

function inheritedDescriptor(value: string, what: string): number {
  const fd = unsigned(value, what);
  if (fd < 3) throw new UsageError(`${what} must be 3 or more, not ${fd}`);
  if (descriptorState(fd) !== "inherited") {
    throw new Failure(`cannot use descriptor ${fd} (${what}): it is not open`, 100);
  }
  return fd;
}

function parse(args: readonly string[]): ScanOptions {
  const { options, rest } = parseOptions(args, "C:c:L:t:d:X:S", {
    "services-max": "C",
    "name-max": "L",
    "timeout": "t",
    "notification-fd": "d",
    "console-holder": "X",
    "subreaper": "S",
    "resume": "resume:",
  });
  const values = new Map(options.map(({ name, value }) => [name, value]));
  const number = (name: string, what: string) => {
    const value = values.get(name);
    return value === undefined ? undefined : unsigned(value, what);
  };
  const descriptor = (name: string, what: string) => {
    const value = values.get(name);
    return value === undefined ? undefined : inheritedDescriptor(value, what);
  };
  const resume = number("resume", "the state to resume");
  if (rest[0] === undefined) throw new UsageError("no scan directory given");
  return {
    directory: rest[0],
    maxServices: between(
      4,
      number("C", "services_max") ?? number("c", "services_max") ?? 1000,
      160_000,
    ),
    maxName: between(11, number("L", "name_max") ?? 251, 1019),
    rescan: number("t", "rescan") ?? 0,
    notification: resume === undefined ? descriptor("d", "notif") : undefined,
    console: descriptor("X", "consoleholder"),
    subreaper: values.has("S"),
    resume,
  };
}

/** `sv scan`: supervises all services of a scan directory, in one process. */
export const scanCommand: Command = {
  usage:
    "[ -d notif ] [ -X consoleholder ] [ -C services_max ] [ -L name_max ] [ -t rescan ] [ -S ] scandir",
  help: `Supervises every service directory, or symbolic link to one, in a scan directory, each as
sv supervise does, all of them in this one process. Names that start with a dot are skipped. foo/log,
where it exists, is the logger of foo: what foo writes to its stdout is what foo/log reads.

  -d, --notification-fd fd   write a newline to fd when commands are accepted
  -C, --services-max n       how many services at most, loggers included; default 1000
  -L, --name-max n           how many bytes a name may have; default 251
  -t, --timeout ms           scan again every so many ms; default 0: only when told to
  -X, --console-holder fd    the console, for the errors of the logger s6-svscan-log
  -S, --subreaper            adopt and reap the orphans of all descendants

Commands come through sv scanctl. Signals: ALRM scans; HUP scans, and ends what has gone; TERM and
INT bring all down, and loggers read what is left; QUIT brings loggers down, too; ABRT leaves all
services alone and ends at once. HUP, INT, TERM, QUIT, USR1, USR2, PWR and WINCH start the executable
.s6-svscan/SIGHUP and so on instead, where there is one. In the end sv scan becomes .s6-svscan/finish.

A service that survived its supervisor (because sv scan was killed) is taken over: it is not started
a second time, keeps its process and readiness, and is restarted when it dies.

Exit codes: 0 success; 100 wrong usage, or another scan is running; 111 system call failed.`,
  run(args) {
    const options = parse(args);
    if (!blockSignalsInAllThreads()) throw restartWithSignalsBlocked();
    const { promise, resolve } = Promise.withResolvers<number>();
    try {
      const running = new Scan(options, {
        args: withoutResume(args),
        report: (message) => complain(`sv scan ${options.directory}: ${message}`),
        exit: resolve,
      });
      addEventListener("unhandledrejection", (event) => {
        event.preventDefault();
        complain(`sv scan ${options.directory}: fatal: ${event.reason}`);
        running.crash();
      });
    } catch (error) {
      if (error instanceof AlreadySupervisedError || error instanceof WrongFileError) {
        throw new Failure(error.message, 100);
      }
      throw error;
    }
    return promise;
  },
};

/** The arguments for the program that takes over: what was said to this one about taking over is old. */
function withoutResume(args: readonly string[]): string[] {
  const at = args.indexOf("--resume");
  return at < 0 ? [...args] : args.filter((_, index) => index !== at && index !== at + 1);
}
