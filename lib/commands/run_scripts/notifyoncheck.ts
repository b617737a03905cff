import { setInherited } from "../../os/descriptor.ts";
import { isSupervised } from "../../servicedir/is_supervised.ts";
import {
  NOTIFYONCHECK_OPTIONS,
  type PollSettings,
  pollSettings,
} from "../../readiness/polling/poll_settings.ts";
import { companionArguments, startCompanion } from "../../readiness/companion.ts";
import { close } from "../../os/file.ts";
import { monotonicClock } from "../../os/clock.ts";
import { softLimitAtStart } from "../../os/runtime/soft_limit_at_start.ts";
import { openProcess, processId } from "../../os/process.ts";
import { becomeProgram } from "../../cli/become_program.ts";
import { type Command, ExitCode, Failure, requiredProgram } from "../../cli/command.ts";
import { commandWord } from "../../cli/program.ts";
import { aboutServiceHere } from "../../cli/service_here.ts";
import { DESCRIPTOR, parseOptions } from "../../options/parse_options.ts";
import { reportNow } from "../../cli/complain_now.ts";
import { notificationFd } from "../../cli/notification_fd.ts";

const NAME = "notifyoncheck";

/** The command line, read. */
interface Settings {
  readonly doublefork: boolean;
  readonly fd: number | undefined;
  readonly polling: PollSettings;
  readonly prog: readonly string[];
}

function readSettings(args: readonly string[]): Settings {
  const options = parseOptions(args, NOTIFYONCHECK_OPTIONS.short, NOTIFYONCHECK_OPTIONS.long);
  return {
    doublefork: options.has("d"),
    fd: options.number("3", DESCRIPTOR),
    polling: pollSettings(options),
    prog: options.rest,
  };
}

/** Returns the notification descriptor. Fails where this program did not get it from a supervisor. */
function supervisedFd(given: number | undefined): number {
  const fd = notificationFd(given);
  if (isSupervised(".")) return fd;
  throw new Failure(
    `cannot poll for readiness: no supervisor is running on ${Deno.cwd()}; run this in the service ` +
      "directory, before any cd, as the supervisor's child",
    ExitCode.usage,
  );
}

/** `sv notifyoncheck`: polls a daemon until it is ready. */
export const notifyoncheckCommand: Command = {
  usage: "[-d] [-3 fd] [-s initialsleep] [-T globaltimeout] [-t localtimeout] [-w waitingtime] " +
    '[-n tries] [-c "checkprog..."] [--backoff factor] [--tcp [host:]port] [--http url] ' +
    "[--expect statuses] [--unix path] [--any-owner] [--file path] [--pid-file path] prog...",
  help:
    `For run scripts of daemons that can be asked whether they are ready, but don't tell. Becomes
prog, with the same process id and descriptors; beside it, asks again and again until the answer is
yes, and then tells the supervisor (sv or s6) that the service is ready. Stops when prog dies. To be
run in the service directory, which needs a file notification-fd.

What must hold; several may be given, the same several times as well, and all must:
      --tcp [HOST:]PORT    connections are accepted; default host: this machine, IPv4 or IPv6
      --http URL           a GET is answered with a status of 200-299; or https:, with a certificate
      --expect A-B[,C…]    other statuses that the answers may have
      --unix PATH          connections are accepted at a socket; @NAME: an abstract one
      --any-owner          it does not matter whose the server is; default: where --tcp, --http or
                           --unix is answered on this machine, a process of the service must have
                           the socket: prog, its descendants, its session, its control group if it
                           has one of its own; whose it is is not asked where that can't be known
      --file PATH          there is such a file
      --pid-file PATH      the file names a process that is alive
  -c, --check-program CMD  this command line exits 0; it is read by execlineb where that is
                           installed, else by /bin/sh; asked last, when all else holds
Where none is given: ./data/check exits 0. Only -c and ./data/check take a process for each check.

How to ask:
  -s, --initial-sleep MS   sleep before the first check; default 10
  -T, --global-timeout MS  give up after so long; default 0: never
  -t, --local-timeout MS   stop a check after so long; default 5000 with --tcp, --http or --unix,
                           else 0: never
  -w, --waiting-time MS    sleep between two checks; default 1000
  -n, --tries N            give up after N checks; default 7; 0: never
      --backoff FACTOR     multiply the sleep by FACTOR after each check, until it is 10 s (or -w, if
                           that is longer); it then also varies by up to 10 %, in a way that depends
                           on the service directory's name
  -d, --doublefork         the process that polls is not a child of prog
  -3, --notification-fd N  use descriptor N; default: what ./notification-fd says; closed in prog

A program that is stopped gets SIGTERM, and SIGKILL a second later, with its children. The next check
begins only when it is gone. When this gives up, it says what was wrong the last time, and the
service goes on, not ready. 'sv stat --json' shows how far it has got.

The same options in a file data/sv/notifyoncheck let sv itself poll: see 'sv help supervise'.

Exit codes: 100 wrong usage, or no supervisor is running; 111 system call failed; 127 prog not found;
126 prog can't be run; else prog's.`,

  async run(args) {
    aboutServiceHere();
    const companion = companionArguments(commandWord(NAME), args);
    if (companion !== undefined) {
      const { pollBesideDaemon } = await import("../../readiness/polling/poll_beside_daemon.ts");
      const [pid, since, softNofile, ...rest] = companion;
      return await pollBesideDaemon({
        settings: readSettings(rest).polling,
        pid: Number(pid),
        since: Number(since),
        softNofile: softNofile === "" ? undefined : Number(softNofile),
        report: reportNow,
      });
    }

    const settings = readSettings(args);
    requiredProgram(settings.prog);
    const fd = supervisedFd(settings.fd);
    const pid = processId();
    const daemon = openProcess(pid);
    startCompanion({
      name: commandWord(NAME),
      args: [
        String(pid),
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
