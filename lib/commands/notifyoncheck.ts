import { setInherited } from "../os/descriptor.ts";
import { isSupervised } from "../servicedir/is_supervised.ts";
import {
  NotificationFdError,
  readNotificationFd,
  requirePassed,
} from "../readiness/notification_fd.ts";
import { companionArguments, startCompanion } from "../readiness/companion.ts";
import { close } from "../os/file.ts";
import { monotonicClock } from "../os/clock.ts";
import { softLimitAtStart } from "../os/limits.ts";
import { openProcess, processId } from "../os/process.ts";
import { becomeProgram } from "./become_program.ts";
import { type Command, Failure, UsageError } from "./command.ts";
import { parseOptions, unsigned } from "./options.ts";
import { complain } from "./output.ts";

const NAME = "notifyoncheck";

const SHORT = "d3:s:T:t:w:n:c:";

const LONG = {
  "doublefork": "d",
  "notification-fd": "3",
  "initial-sleep": "s",
  "global-timeout": "T",
  "local-timeout": "t",
  "waiting-time": "w",
  "tries": "n",
  "check-program": "c",
} as const;

/** What the options say, by their long names. */
interface Settings {
  readonly doublefork: boolean;
  readonly fd: number | undefined;
  readonly polling: Record<"initialSleep" | "waitingTime" | "tries", number>;
  readonly globalTimeout: number;
  readonly localTimeout: number;
  readonly checkProgram: string | undefined;
  readonly prog: readonly string[];
}

function readSettings(args: readonly string[]): Settings {
  const { options, rest } = parseOptions(args, SHORT, LONG);
  const last = (name: string) => options.findLast((option) => option.name === name)?.value;
  const number = (name: keyof typeof LONG, otherwise: number) => {
    const value = last(LONG[name]);
    return value === undefined ? otherwise : unsigned(value, name);
  };
  return {
    doublefork: last("d") !== undefined,
    fd: last("3") === undefined ? undefined : number("notification-fd", 0),
    polling: {
      initialSleep: number("initial-sleep", 10),
      waitingTime: number("waiting-time", 1000),
      tries: number("tries", 7),
    },
    globalTimeout: number("global-timeout", 0),
    localTimeout: number("local-timeout", 0),
    checkProgram: last("c"),
    prog: rest,
  };
}

/** The notification descriptor, once it is certain that somebody is at its other end. */
function notificationFd(given: number | undefined): number {
  try {
    const fd = given ?? readNotificationFd();
    requirePassed(fd);
    if (isSupervised(".")) return fd;
  } catch (error) {
    if (!(error instanceof NotificationFdError)) throw error;
    throw new Failure(error.message, error.misconfigured ? 100 : 111);
  }
  throw new Failure(
    `Cannot poll for readiness: no supervisor is running on ${Deno.cwd()}; run this in the service ` +
      "directory, before any cd, as the supervisor's child",
    100,
  );
}

/** `sv notifyoncheck`: polls a daemon until it is ready. */
export const notifyoncheck: Command = {
  usage: "[-d] [-3 fd] [-s initialsleep] [-T globaltimeout] [-t localtimeout] [-w waitingtime] " +
    '[-n tries] [-c "checkprog..."] prog...',
  help:
    `For run scripts of daemons that can be asked whether they are ready, but don't tell. Becomes
prog, with the same process id and descriptors; beside it, runs ./data/check again and again until
that exits 0, and then tells the supervisor (sv or s6) that the service is ready. Stops when prog
dies. To be run in the service directory, which needs a file notification-fd.

  -d, --doublefork         the process that polls is not a child of prog
  -3, --notification-fd N  use descriptor N; default: what ./notification-fd says; closed in prog
  -s, --initial-sleep MS   sleep before the first check; default 10
  -T, --global-timeout MS  give up after so long; default 0: never
  -t, --local-timeout MS   kill a check after so long; default 0: never
  -w, --waiting-time MS    sleep between two checks; default 1000
  -n, --tries N            give up after N checks; default 7; 0: never
  -c, --check-program CMD  run this command line instead of ./data/check; it is read by execlineb
                           where that is installed, else by /bin/sh

A check that is killed gets SIGTERM, and SIGKILL a second later. The next begins only when it is gone.
The service goes on, not ready, when this gives up.

Exit codes: 100 wrong usage, or no supervisor is running; 111 system call failed; 127 prog not found;
126 prog can't be run; else prog's.`,

  async run(args) {
    const companion = companionArguments(NAME, args);
    if (companion !== undefined) {
      const { pollBesideDaemon } = await import("../readiness/poll_beside_daemon.ts");
      const [since, softNofile, ...rest] = companion;
      const settings = readSettings(rest);
      return await pollBesideDaemon({
        ...settings.polling,
        globalTimeout: settings.globalTimeout,
        localTimeout: settings.localTimeout,
        commandLine: settings.checkProgram,
        since: Number(since),
        softNofile: softNofile === "" ? undefined : Number(softNofile),
        report: (message) => complain(`sv ${NAME}: ${message}`),
      });
    }

    const settings = readSettings(args);
    if (settings.prog.length === 0) throw new UsageError("no program given");
    const fd = notificationFd(settings.fd);
    const daemon = openProcess(processId());
    startCompanion({
      name: NAME,
      args: [
        String(monotonicClock()),
        String(softLimitAtStart() ?? ""),
        ...args.slice(0, args.length - settings.prog.length),
      ],
      descriptors: [fd, daemon],
      orphan: settings.doublefork,
    });
    close(daemon);
    setInherited(fd, false);
    return becomeProgram(settings.prog);
  },
};
