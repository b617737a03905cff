import { LONGEST_SCANNED_NAME } from "../../servicedir/protocol.ts";
import { isInherited } from "../../os/descriptor.ts";
import { reactor } from "../../os/reactor.ts";
import { blockSignalsInAllThreads } from "../../os/runtime/blocked_signals.ts";
import { surviveErrors } from "../../os/runtime/survive_errors.ts";
import { Signal } from "../../os/signal.ts";
import { blockOnly } from "../../os/signal_state.ts";
import { giveMemoryBackSoon } from "../../os/runtime/give_memory_back.ts";
import { setProcessTitle } from "../../os/runtime/process_title.ts";
import { readSnapshot } from "../../scan/hand_over.ts";
import { Scan } from "../../scan/scan.ts";
import type { MainCommandOptions } from "../../scan/main_command.ts";
import { type ReadyWhen, takeServiceManager } from "../../scan/service_manager.ts";
import type { ScanOptions } from "../../scan/scan_options.ts";
import type { LogOption } from "../../scan/log_destination.ts";
import { UsageError } from "../../options/usage_error.ts";
import { AlreadySupervisedError, WrongFileError } from "../../servicedir/supervise_dir.ts";
import { type Command, ExitCode, Failure, requiredProgram } from "../../cli/command.ts";
import { operands, parseCommandLine } from "../../cli/command_line.ts";
import {
  DESCRIPTOR,
  type GivenOption,
  MILLISECONDS,
  numberOf,
  type ParsedOptions,
} from "../../options/parse_options.ts";
import { complainNow } from "../../cli/complain_now.ts";
import { isCalledAsS6, programName } from "../../cli/program.ts";
import { print } from "../../cli/output.ts";
import { VERSION } from "../../cli/version.ts";

/** Returns a number with bounds: s6-svscan takes the nearest number in place of one beyond them. */
function bounded(
  given: ParsedOptions,
  name: string,
  what: string,
  { least, most }: { readonly least: number; readonly most: number },
): number | undefined {
  if (!isCalledAsS6()) return given.number(name, what, { least, most });
  const value = given.number(name, what);
  return value === undefined ? undefined : Math.min(Math.max(value, least), most);
}

function inheritedDescriptor(option: GivenOption): number {
  const fd = numberOf(option, DESCRIPTOR, { least: 3 });
  if (!isInherited(fd)) {
    throw new Failure(
      `cannot use descriptor ${fd} (option ${option.spelling}): it is not open`,
      ExitCode.usage,
    );
  }
  return fd;
}

const SERVICES_MAX = { least: 4, most: 160_000 };
const NAME_MAX = { least: 11, most: 1019 };

/** What the command line asks for. */
interface Orders {
  readonly options: ScanOptions;
  /** The descriptor of a snapshot: with `--trial` sv only reads it, prints the version and exits. */
  readonly trial: number | undefined;
  /** Whether to be the log process of a scan, and no scan. */
  readonly collect: boolean;
}

function parse(args: readonly string[]): Orders {
  const given = parseCommandLine(args, "C:c:L:t:d:X:Sv", {
    "services-max": "C",
    "name-max": "L",
    "timeout": "t",
    "notification-fd": "d",
    "console-holder": "X",
    "subreaper": "S",
    "verbose": "v",
    "log": "log:",
    "log-format": "log-format:",
    "ready-timeout": "ready-timeout:",
    "kill-timeout": "kill-timeout:",
    "ready-when": "ready-when:",
    "collect": "collect",
    "resume": "resume:",
    "trial": "trial:",
  });
  const descriptor = (name: string) => {
    const option = given.options.findLast((option) => option.name === name);
    return option === undefined ? undefined : inheritedDescriptor(option);
  };
  const resume = given.number("resume", DESCRIPTOR);
  const trial = given.number("trial", DESCRIPTOR);
  const isFirst = resume === undefined && trial === undefined;
  const maxServices = bounded(given, "C", "a number of services", SERVICES_MAX) ??
    bounded(given, "c", "a number of services", SERVICES_MAX);
  const { before, command } = divide(given);
  const [directory = ""] = operands(before, ["scan directory"]);
  return {
    options: {
      directory,
      maxServices: maxServices ?? 1000,
      maxName: bounded(given, "L", "a number of bytes", NAME_MAX) ?? LONGEST_SCANNED_NAME,
      rescan: given.number("t", MILLISECONDS) ?? 0,
      // The first program in this process has written to it, and closed it.
      notification: isFirst ? descriptor("d") : undefined,
      console: descriptor("X"),
      subreaper: given.has("S"),
      log: logOption(given),
      command: commandOption(given, command),
      manager: undefined,
      readyWhen: readyWhen(given),
      verbose: given.has("v"),
      resume,
    },
    trial,
    collect: given.has("collect"),
  };
}

/**
 * Divides the operands into those of the scan, and the command line after `--`. Where nothing is before
 * `--`, the scan directory follows it, and the command another one.
 */
function divide(
  { beforeDashes, rest }: ParsedOptions,
): { readonly before: readonly string[]; readonly command?: readonly string[] } {
  const none = beforeDashes === undefined || (beforeDashes === 0 && rest[1] !== "--");
  if (none || isCalledAsS6()) return { before: rest };
  return beforeDashes === 0
    ? { before: rest.slice(0, 1), command: rest.slice(2) }
    : { before: rest.slice(0, beforeDashes), command: rest.slice(beforeDashes) };
}

/** Returns the command that the scan runs; undefined where it runs none. */
function commandOption(
  given: ParsedOptions,
  argv: readonly string[] | undefined,
): MainCommandOptions | undefined {
  if (argv === undefined) {
    const idle = given.lastOf("ready-timeout", "kill-timeout");
    if (idle !== undefined) {
      throw new UsageError(`--${idle} is about the command after --, and there is none`);
    }
    return undefined;
  }
  return {
    argv: requiredProgram(argv),
    readyTimeout: given.number("ready-timeout", MILLISECONDS) ?? 0,
    killTimeout: given.number("kill-timeout", MILLISECONDS) ?? 0,
  };
}

/** Returns when the service manager is told that the scan is ready. */
function readyWhen(given: ParsedOptions): ReadyWhen {
  const value = given.value("ready-when") ?? "scanning";
  if (value === "scanning" || value === "services") return value;
  throw new UsageError(`the value of --ready-when must be scanning or services, not ${value}`);
}

/** Returns where the services are logged that don't say it themselves. */
function logOption(given: ParsedOptions): LogOption | undefined {
  const value = (name: string) => given.options.findLast((option) => option.name === name)?.value;
  const log = value("log");
  const format = value("log-format");
  if (format !== undefined && format !== "text" && format !== "json") {
    throw new UsageError(`the value of --log-format must be text or json, not ${format}`);
  }
  if (format !== undefined && log !== "-") {
    throw new UsageError("--log-format is for --log - only");
  }
  if (log === undefined) return undefined;
  if (log === "-") return { stream: format ?? "text" };
  if (!log.startsWith("/")) {
    throw new UsageError(`the value of --log must be an absolute path, or -; not ${log}`);
  }
  return { directory: log.replace(/(?<=.)\/+$/, "") };
}

/** Is the scan's log process, until nothing is left to do. */
async function runCollector(directory: string): Promise<number> {
  const { Collector } = await import("../../log/collector/collector.ts");
  // Of some forms of the program a scan starts with all signals blocked. This one dies of them, and
  // the next one goes on; SIGUSR1 would open the runtime's debugger.
  blockOnly([Signal.USR1]);
  const { promise, resolve } = Promise.withResolvers<number>();
  new Collector(
    (message) => complainNow(`${programName()} ${directory}: ${message}`),
    () => resolve(0),
  );
  giveMemoryBackSoon();
  reactor().park();
  return await promise;
}

/**
 * Tells the running scan whether this program could take its place: prints its version if it can
 * read the scan's snapshot, and fails with a line that says why not. Does nothing else.
 */
function standTrial(snapshot: number): number {
  readSnapshot(snapshot);
  print(`${VERSION}\n`);
  return 0;
}

/** `sv scan`: supervises all services of a scan directory, in one process. */
export const scanCommand: Command = {
  usage:
    "[ -d notif ] [ -X consoleholder ] [ -C services_max ] [ -L name_max ] [ -t rescan ] [ -S ] [ -v ] [ --log dir ] [ --ready-when what ] scandir [ [ --ready-timeout ms ] [ --kill-timeout ms ] -- command... ]",
  help: `Supervises every service directory, or symbolic link to one, in a scan directory, each as
sv supervise does, all of them in this one process. Names that start with a dot are skipped. foo/log,
where it exists, is the logger of foo: what foo writes to its stdout is what foo/log reads.

  -d, --notification-fd fd   write a newline to fd when commands are accepted
  -C, --services-max n       how many services at most, loggers included; 4 to 160000, default 1000
  -L, --name-max n           how many bytes a name may have; 11 to 1019, default 251
  -t, --timeout ms           scan again every so many ms; default 0: only when told to
  -X, --console-holder fd    the console, for the errors of the logger s6-svscan-log
  -S, --subreaper            adopt and reap the orphans of all descendants
      --log dir              log what services without a logger write to their stdout: one process
                             for all, in s6-log's format in dir/NAME/; -: to the scan's stdout
      --log-format format    with --log -: text, lines as "NAME | line" (default), or json
  -v, --verbose              say each change of a service's state on standard error, a line each
      --ready-timeout ms     how long the command after -- waits for the services; default 0: for ever
      --kill-timeout ms      how long that command may take to end when it is told to, until it is
                             killed; default 0: for ever
      --ready-when what      tell systemd that the scan is ready: when it is scanning (default), or when
                             all services that are wanted up are ready

Where NOTIFY_SOCKET is set, as by systemd's Type=notify, sv scan tells there how it is: READY=1,
STATUS= with what is not ready, RELOADING=1 in an upgrade, STOPPING=1, and WATCHDOG=1 where
WATCHDOG_USEC asks for it. The services don't get these variables.

With -- and a command, the command is run when every service that is wanted up is ready (or up, where
it can't say that it is ready), with sv scan's own environment, working directory, standard input and
terminal; the services then read from /dev/null. When it ends, all services are brought down as for
TERM, and sv scan ends with its exit code, 128 and the number where a signal ended it. TERM, INT and
QUIT reach the command, and the services are brought down after it has ended; so do USR1, USR2, PWR
and WINCH. Where a service fails for good or is not ready in time, it is named with the reason, the
command is not run, and the exit code is 1 or 99.

Commands come through sv scanctl. Signals: ALRM scans; HUP scans, and ends what has gone; TERM and
INT bring all down, and loggers read what is left; QUIT brings loggers down, too; ABRT leaves all
services alone and ends at once. HUP, INT, TERM, QUIT, USR1, USR2, PWR and WINCH start the executable
.s6-svscan/SIGHUP and so on instead, where there is one. In the end sv scan becomes .s6-svscan/finish.

A service that survived its supervisor (because sv scan was killed) is taken over: it is not started
a second time, keeps its process and readiness, and is restarted when it dies.

Exit codes: 0 success; 100 wrong usage, or another scan is running; 111 system call failed. With a
command: its own, or 1, 99 (see above), 126 it can't be run, 127 there is no such program.`,
  run(args) {
    const { collect, options, trial } = parse(args);
    if (trial !== undefined) return standTrial(trial);
    if (collect) return runCollector(options.directory);
    blockSignalsInAllThreads();
    setProcessTitle([...programName().split(" "), ...withoutResume(args)]);
    const { promise, resolve } = Promise.withResolvers<number>();
    const report = (message: string) =>
      complainNow(`${programName()} ${options.directory}: ${message}`);
    try {
      // s6-svscan leaves the variables of the service manager to its services.
      const manager = isCalledAsS6() ? undefined : takeServiceManager();
      const scan = new Scan({ ...options, manager }, {
        version: VERSION,
        args: withoutResume(args),
        report,
        exit: resolve,
      });
      giveMemoryBackSoon();
      // Where the reactor itself can't go on, nothing is supervised any more.
      surviveErrors(report, (reason) => {
        report(`fatal: ${reason}`);
        scan.crash();
      });
    } catch (error) {
      if (error instanceof AlreadySupervisedError || error instanceof WrongFileError) {
        throw new Failure(error.message, ExitCode.usage);
      }
      throw error;
    }
    return promise;
  },
};

/** Returns the arguments for the program of the next upgrade: the snapshot of this one is used up. */
function withoutResume(args: readonly string[]): string[] {
  const dashes = args.indexOf("--");
  const at = args.slice(0, dashes < 0 ? args.length : dashes).indexOf("--resume");
  return at < 0 ? [...args] : args.filter((_, index) => index !== at && index !== at + 1);
}
