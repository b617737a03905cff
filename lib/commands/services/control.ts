import { Access, accessErrno, CWD } from "../../os/file.ts";
import { Signal, signalNumber } from "../../os/signal.ts";
import { Errno, SystemError } from "../../os/system_error.ts";
import { BrokenControlError, control, NotSupervisedError } from "../../servicedir/control.ts";
import type { AwaitedState } from "../../waiting/wait_state.ts";
import { type Command, requiredList, UsageError } from "../../cli/command.ts";
import { parseOptions, unsigned } from "../../options/parse_options.ts";
import { complain, reason } from "../../cli/output.ts";

/** The signals that can be sent, and the command byte of each. */
const signalCommands: Readonly<Record<number, string>> = {
  [Signal.ALRM]: "a",
  [Signal.ABRT]: "b",
  [Signal.QUIT]: "q",
  [Signal.HUP]: "h",
  [Signal.KILL]: "k",
  [Signal.TERM]: "t",
  [Signal.INT]: "i",
  [Signal.USR1]: "1",
  [Signal.USR2]: "2",
  [Signal.STOP]: "p",
  [Signal.CONT]: "c",
  [Signal.WINCH]: "y",
};

const COMMAND_OPTIONS = "abqhkti12pcyrlPCKoduDUxOQ";
const MAX_COMMANDS = 62;

/** What follows `-w`, and the state it stands for; without readiness, the state that is left. */
const awaited: Readonly<Record<string, { state: AwaitedState; withoutReadiness?: AwaitedState }>> =
  {
    u: { state: "up" },
    U: { state: "ready", withoutReadiness: "up" },
    d: { state: "down" },
    D: { state: "finished" },
    r: { state: "restarted" },
    R: { state: "restartedReady", withoutReadiness: "restarted" },
  };

interface Orders {
  readonly commands: string;
  readonly awaiting: string | undefined;
  readonly timeout: number;
  readonly dirs: readonly string[];
}

function signalCommand(text: string): string {
  const number = signalNumber(text);
  if (number === undefined) throw new UsageError(`'${text}' is not a signal`);
  const command = signalCommands[number];
  if (command === undefined) {
    throw new UsageError(`a supervisor can't be told to send signal ${text}`);
  }
  return command;
}

function parse(args: readonly string[]): Orders {
  const { options, rest: dirs } = parseOptions(args, `s:${COMMAND_OPTIONS}T:w:`);
  let commands = "";
  let awaiting: string | undefined;
  let timeout = 0;
  for (const { name, value } of options) {
    if (name === "T") timeout = unsigned(value, "the time limit");
    else if (name === "w") {
      awaiting = value[0];
      if (awaiting === undefined || !(awaiting in awaited)) {
        throw new UsageError(`-w takes one of u, U, d, D, r and R, not '${value}'`);
      }
    } else commands += name === "s" ? signalCommand(value) : name;
  }
  if (commands.length > MAX_COMMANDS) throw new UsageError("too many commands");
  requiredList(dirs, "service directory");
  if (dirs.includes("")) throw new UsageError("an empty string is no service directory");
  return { commands, awaiting, timeout, dirs };
}

function exitCodeOf(error: unknown): number {
  if (error instanceof NotSupervisedError) return 102;
  return error instanceof BrokenControlError ? 1 : 111;
}

/** Sends the commands to each service. Returns the exit code of each that could not be told. */
function send(commands: string, dirs: readonly string[]): Map<number, number> {
  const failures = new Map<number, number>();
  dirs.forEach((dir, index) => {
    try {
      control(dir, commands);
    } catch (error) {
      complain(`sv control: warning: ${reason(error)}`);
      failures.set(index, exitCodeOf(error));
    }
  });
  return failures;
}

function lastCode(failures: Map<number, number>): number {
  return [...failures.values()].at(-1) ?? 0;
}

/** The state to wait for: a service that can't say that it is ready is waited for until it is up. */
function stateFor(dir: string, letter: string): AwaitedState {
  const { state, withoutReadiness } = awaited[letter]!;
  if (withoutReadiness === undefined) return state;
  const path = `${dir}/notification-fd`;
  const errno = accessErrno(CWD, path, Access.EXISTS);
  if (errno === 0) return state;
  if (errno !== Errno.ENOENT) throw new SystemError(`look for ${path}`, errno);
  complain(`sv control: warning: there is no ${path}; not waiting for readiness`);
  return withoutReadiness;
}

async function sendAndWait({ commands, awaiting, timeout, dirs }: Orders): Promise<number> {
  const { awaitServices } = await import("../../cli/await_services.ts");
  const { deadlineAfter } = await import("../../waiting/wait_blocking.ts");
  const { Waiting } = await import("../../waiting/wait_state.ts");
  const { WatchedServices } = await import("../../waiting/watched_services.ts");
  const states = dirs.map((dir) => stateFor(dir, awaiting!));
  const deadline = deadlineAfter(timeout);
  using services = new WatchedServices(dirs);
  const waiting = new Waiting({ downMeansFinished: commands !== "" });
  services.statuses.forEach((status, index) => waiting.add(status, states[index]!));
  const failures = commands === "" ? new Map<number, number>() : send(commands, dirs);
  if (waiting.done) return 0;
  // Who was not told will not change: waiting for it would be waiting in vain.
  for (const index of failures.keys()) waiting.giveUp(index);
  awaitServices(dirs, services, waiting, deadline);
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
  -T ms  with -w: give up after so many milliseconds and exit 99; default 0: never

Exits 0 when all went well; for the last service that could not be told, 102 (no supervisor is
running), 1 (its directory 'supervise' is broken) or 111. With -w also as 'sv wait' does.`,
  run(args) {
    const orders = parse(args);
    if (orders.awaiting !== undefined) return sendAndWait(orders);
    return lastCode(send(orders.commands, orders.dirs));
  },
};
