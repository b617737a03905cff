import { CWD } from "../../os/file.ts";
import { Access, accessErrno } from "../../os/path.ts";
import { signalNumber } from "../../os/signal.ts";
import { Errno, SystemError } from "../../os/system_error.ts";
import { BrokenControlError, control, NotSupervisedError } from "../../servicedir/control.ts";
import { ControlCommand, MAX_COMMANDS, ServicePath } from "../../servicedir/protocol.ts";
import { commandForSignal } from "../../servicedir/signal_commands.ts";
import type { AwaitedState } from "../../waiting/wait_state.ts";
import { type Command, ExitCode } from "../../cli/command.ts";
import { operandList, parseCommandLine } from "../../cli/command_line.ts";
import { isCalledAsS6 } from "../../cli/program.ts";
import { UsageError } from "../../options/usage_error.ts";
import { MILLISECONDS } from "../../options/parse_options.ts";
import { warn } from "../../cli/output.ts";
import { awaitedState } from "../../cli/wait_options.ts";

/** Commands for the companion only. */
const INTERNAL: readonly ControlCommand[] = [
  ControlCommand.ready,
  ControlCommand.silent,
  ControlCommand.extend,
];

/** Every other command is an option of the same letter. */
const OPTIONS = Object.values(ControlCommand).filter((command) => !INTERNAL.includes(command));

/** The short options of `sv control`. */
export const CONTROL_OPTIONS = `s:${OPTIONS.join("")}T:w:`;

/** What to wait for instead where a service can't tell that it is ready. */
const withoutReadiness: Readonly<Partial<Record<AwaitedState, AwaitedState>>> = {
  ready: "up",
  restartedReady: "restarted",
};

interface Orders {
  readonly commands: readonly ControlCommand[];
  readonly awaiting: AwaitedState | undefined;
  readonly timeout: number;
  readonly dirs: readonly string[];
}

function signalCommand(text: string): ControlCommand {
  const number = signalNumber(text);
  if (number === undefined) {
    throw new UsageError(`option -s takes a signal, by name or number, not '${text}'`);
  }
  const command = commandForSignal(number);
  if (command === undefined) {
    throw new UsageError(`option -s can't send ${text}; there is no command for it`);
  }
  return command;
}

function parse(args: readonly string[]): Orders {
  const given = parseCommandLine(args, CONTROL_OPTIONS);
  const commands: ControlCommand[] = [];
  let awaiting: AwaitedState | undefined;
  for (const { name, value } of given.options) {
    if (name === "w") awaiting = stateToAwait(value);
    else if (name === "s") commands.push(signalCommand(value));
    else if (name !== "T") commands.push(name as ControlCommand);
  }
  const timeout = given.number("T", MILLISECONDS);
  if (commands.length > MAX_COMMANDS) {
    throw new UsageError(
      `${commands.length} commands are too many: at most ${MAX_COMMANDS} are sent at once`,
    );
  }
  const dirs = operandList(given.rest, "service directory");
  if (dirs.includes("")) throw new UsageError("an empty string is no service directory");
  if (!isCalledAsS6()) requireSense(commands, awaiting, timeout);
  return { commands, awaiting, timeout: timeout ?? 0, dirs };
}

function stateToAwait(value: string): AwaitedState {
  // s6-svc looks at the first letter only.
  const awaiting = awaitedState(isCalledAsS6() ? value.charAt(0) : value);
  if (awaiting === undefined) {
    throw new UsageError(`option -w takes one of u, U, d, D, r and R, not '${value}'`);
  }
  return awaiting;
}

/** Complains of orders that nothing would come of. */
function requireSense(
  commands: readonly ControlCommand[],
  awaiting: AwaitedState | undefined,
  timeout: number | undefined,
): void {
  if (awaiting !== undefined) return;
  if (timeout !== undefined) throw new UsageError("option -T is about -w, which is not given");
  if (commands.length === 0) {
    throw new UsageError("no command given: -u brings a service up, -d down, -r restarts it, …");
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof NotSupervisedError) return ExitCode.supervisorDied;
  return error instanceof BrokenControlError ? ExitCode.failed : ExitCode.systemCall;
}

/** Sends the commands to a service. Returns the error where that failed. */
function trySend(commands: readonly ControlCommand[], dir: string): unknown {
  try {
    control(dir, ...commands);
    return undefined;
  } catch (error) {
    return error;
  }
}

/**
 * Sends the commands to each service.
 *
 * @param isLater Whether a service gets the commands later, because of this error; then it did not fail.
 * @returns An exit code for each index at which that failed.
 */
function send(
  commands: readonly ControlCommand[],
  dirs: readonly string[],
  isLater: (index: number, error: unknown) => boolean = () => false,
): Map<number, number> {
  const failures = new Map<number, number>();
  dirs.forEach((dir, index) => {
    const error = trySend(commands, dir);
    if (error === undefined || isLater(index, error)) return;
    warn(error);
    failures.set(index, exitCodeOf(error));
  });
  return failures;
}

function lastCode(failures: Map<number, number>): number {
  return [...failures.values()].at(-1) ?? 0;
}

/** Returns the state to wait for. Without a notification-fd that is one without readiness. */
function stateFor(dir: string, state: AwaitedState): AwaitedState {
  const otherwise = withoutReadiness[state];
  if (otherwise === undefined) return state;
  const path = `${dir}/${ServicePath.notificationFd}`;
  const errno = accessErrno(CWD, path, Access.EXISTS);
  if (errno === 0) return state;
  if (errno !== Errno.ENOENT) throw new SystemError(`look for ${path}`, errno);
  warn(`there is no ${path}; not waiting for readiness`);
  return otherwise;
}

async function sendAndWait({ commands, awaiting, timeout, dirs }: Orders): Promise<number> {
  const { awaitServices } = await import("../../cli/await_services.ts");
  const { deadlineAfter } = await import("../../waiting/wait.ts");
  const { ServicesWait } = await import("../../waiting/wait_state.ts");
  const { WatchedServices } = await import("../../waiting/watched_services.ts");
  const states = dirs.map((dir) => stateFor(dir, awaiting!));
  const deadline = deadlineAfter(timeout);
  const patient = timeout !== 0 && !isCalledAsS6();
  using services = new WatchedServices(dirs, { patient });
  const waiting = new ServicesWait({ downMeansFinished: commands.length > 0 });
  services.statuses.forEach((status, index) => waiting.add(status, states[index]!));
  const awaited = !waiting.done;
  if (awaited) services.watchSupervisors();
  /** The services whose supervisor is waited for: they get the commands when it has started. */
  const later = new Set<number>();
  const failures = commands.length === 0
    ? new Map<number, number>()
    : send(commands, dirs, (index, error) => {
      const isNew = services.statuses[index] === undefined;
      if (!patient || !awaited || !(isNew || error instanceof NotSupervisedError)) return false;
      later.add(index);
      return true;
    });
  if (waiting.done) return 0;
  // A service that did not get the commands won't change: don't wait for it.
  for (const index of failures.keys()) waiting.giveUp(index);
  await awaitServices(dirs, services, waiting, { deadline, timeout }, (index) => {
    if (!later.delete(index)) return;
    const error = trySend(commands, dirs[index]!);
    if (error === undefined) return;
    warn(error);
    failures.set(index, exitCodeOf(error));
    waiting.giveUp(index);
  });
  return lastCode(failures);
}

/** `sv control`: sends commands to the supervisors of services. */
export const controlCommand: Command = {
  usage: "[ -wu | -wU | -wd | -wD | -wr | -wR ] [ -T timeout ] " +
    "[ -s signal | -abqhkti12pcyrlPCK ] [ -oduDUxOQ ] servicedir...",
  help: `Sends commands to the supervisors of services, in the order in which they are given.

  -u  up: start the service, and start it again whenever it dies
  -d  down: end it (down-signal, then CONT), and don't start it again
  -o  once: start it if it is down; don't start it again
  -O  at most once: don't start it again
  -U  up, and remove the file 'down'
  -D  down, and create the file 'down'
  -Q  at most once, and create the file 'down'
  -r  restart: send it the down-signal (TERM if there is no such file)
  -l  reload: send it the reload-signal (HUP if there is no such file)
  -x  the supervisor exits when the service is down and not to be up

  -s signal  send a signal, by name or number; or by these letters:
  -a ALRM  -b ABRT  -q QUIT  -h HUP   -k KILL  -t TERM  -i INT  -1 USR1  -2 USR2
  -p STOP  -c CONT  -y WINCH
  -P STOP  -C CONT  -K KILL  to the whole process group

  -wu, -wU, -wd, -wD, -wr, -wR  wait until the services are up, ready, down, down for good (finish
         has ended, too), restarted, restarted and ready. Nothing that the commands bring about is
         missed. Where there is no notification-fd, -wU and -wR don't wait for readiness
  -T ms  with -w: give up after so many milliseconds and exit 99; default 0: never. Until then it
         waits for a supervisor, too, where none is running yet, and tells it then; without -T that
         is an error at once

Exits 0 when all went well; for the last service that could not be told, 102 (no supervisor is
running), 1 (its directory 'supervise' is broken) or 111. With -w also as 'sv wait' does.`,
  run(args) {
    const orders = parse(args);
    if (orders.awaiting !== undefined) return sendAndWait(orders);
    return lastCode(send(orders.commands, orders.dirs));
  },
};
