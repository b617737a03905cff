import { giveMemoryBackSoon } from "../../os/runtime/give_memory_back.ts";
import { monotonicClock } from "../../os/clock.ts";
import { setInherited } from "../../os/descriptor.ts";
import { close, CWD, readFile } from "../../os/file.ts";
import { unlink } from "../../os/path.ts";
import { decodeOs } from "../../os/os_string.ts";
import { openProcess, processId } from "../../os/process.ts";
import { processIdInProc } from "../../os/process_family.ts";
import { Errno, isErrno } from "../../os/system_error.ts";
import { companionArguments, startCompanion } from "../../readiness/companion.ts";
import { processesOf, type ServiceProcesses } from "../../readiness/service_processes.ts";
import { notifySocket } from "../../readiness/sd_notify/notify_socket.ts";
import { isSv } from "../../servicedir/is_sv.ts";
import { becomeProgram } from "../../cli/become_program.ts";
import { type Command, requiredProgram } from "../../cli/command.ts";
import { notificationFd } from "../../cli/notification_fd.ts";
import { commandWord } from "../../cli/program.ts";
import { aboutServiceHere } from "../../cli/service_here.ts";
import { DESCRIPTOR, MILLISECONDS, parseOptions } from "../../options/parse_options.ts";
import { reportNow } from "../../cli/complain_now.ts";
import { ServicePath, SupervisePath } from "../../servicedir/protocol.ts";

const NAME = "notify-fd-from-socket";

function readSettings(args: readonly string[]) {
  const options = parseOptions(args, "3:ft:", {
    "notification-fd": "3",
    "timeout": "t",
    "no-doublefork": "f",
    "doublefork": "doublefork",
    "socket": "socket:",
    "ready-only": "ready-only",
  });
  const path = options.value("socket");
  return {
    fd: options.number("3", DESCRIPTOR),
    timeout: options.number("t", MILLISECONDS) ?? 0,
    orphan: options.lastOf("f", "doublefork") !== "f",
    socket: path === undefined || /^[/@]/.test(path) ? path : `${Deno.cwd()}/${path}`,
    readyOnly: options.has("ready-only"),
    prog: options.rest,
  };
}

const WHOLE_MILLISECONDS = /^\d{1,10}$/;

/** Returns the first line of a file; undefined where there is no such file. */
function firstLine(path: string): string | undefined {
  try {
    return decodeOs(readFile(CWD, path, 64)).split("\n", 1)[0]!;
  } catch (error) {
    // ENOTDIR: `data` or `data/sv` is a plain file of the user's.
    if (isErrno(error, Errno.ENOENT) || isErrno(error, Errno.ENOTDIR)) return undefined;
    throw error;
  }
}

/** Returns the milliseconds in `data/sv/watchdog`; undefined: the daemon has no watchdog. */
function readWatchdog(): number | undefined {
  const { watchdog, formerWatchdog } = ServicePath;
  const line = firstLine(watchdog);
  if (line !== undefined) {
    if (WHOLE_MILLISECONDS.test(line)) return Number(line) || undefined;
    reportNow(
      `warning: invalid ${watchdog}: ${JSON.stringify(line)} is no number of milliseconds; ` +
        "going on without a watchdog",
    );
  } else if (WHOLE_MILLISECONDS.test(firstLine(formerWatchdog) ?? "")) {
    reportNow(
      `warning: the daemon has no watchdog: ${formerWatchdog} has its milliseconds, which are read ` +
        `from ${watchdog} only; move the file there`,
    );
  }
  return undefined;
}

/** Sets the variables by which the daemon learns of the socket and of its watchdog. */
function setEnvironment(address: string, watchdog: number | undefined): void {
  Deno.env.set("NOTIFY_SOCKET", address);
  // Values that are set already belong to another socket.
  Deno.env.delete("WATCHDOG_USEC");
  Deno.env.delete("WATCHDOG_PID");
  if (watchdog === undefined) return;
  Deno.env.set("WATCHDOG_USEC", String(watchdog * 1000));
  Deno.env.set("WATCHDOG_PID", String(processId()));
}

/** Removes what an earlier daemon told. */
function forgetFormerStatus(): void {
  try {
    unlink(CWD, SupervisePath.sdStatus);
  } catch {
    // The file names the earlier daemon's process id: readers see that it is out of date.
  }
}

/** What the companion needs besides the command line. */
interface Notes {
  readonly since: number;
  readonly service: ServiceProcesses;
  readonly pid: number;
  readonly watchdog: number | undefined;
  readonly stay: boolean;
}

async function runBesideDaemon([notes, ...args]: readonly string[]): Promise<number> {
  const { hearBesideDaemon } = await import("../../readiness/sd_notify/hear_beside_daemon.ts");
  const { timeout, socket } = readSettings(args);
  giveMemoryBackSoon();
  return await hearBesideDaemon({
    ...JSON.parse(notes!) as Notes,
    timeout,
    socketFile: socket?.startsWith("/") ? socket : undefined,
    report: reportNow,
  });
}

/** `sv notify-fd-from-socket`: readiness of daemons that speak systemd's protocol. */
export const notifyFdFromSocketCommand: Command = {
  usage: "[-3 fd] [-f] [-t timeout] [--socket address] [--ready-only] prog...",
  help:
    `For run scripts of daemons that tell systemd when they are ready. Becomes prog, with the same
process id, and NOTIFY_SOCKET in its environment; beside it, waits for READY=1 on that socket, and then
tells the supervisor (sv or s6) that the service is ready. Only processes of the service are heard: prog,
its descendants, its session, its control group if it has one of its own. To be run in the service
directory, which needs a file notification-fd.

The socket is there as long as prog lives. Once nothing more is to be heard perl(1) empties it, where
that is installed and the socket is not a file: it takes little memory. Under sv more is heard:
  STATUS=                shown by sv stat
  RELOADING=1, READY=1   shown by sv stat; so is STOPPING=1
  EXTEND_TIMEOUT_USEC=   extends -t until the service is ready, timeout-kill once it is to go down
  WATCHDOG=1             with a file data/sv/watchdog, which holds a number of milliseconds: a
                         daemon that is ready and does not send this for so long is aborted
                         (SIGABRT, and SIGKILL 5 seconds later) and restarted; WATCHDOG=trigger
                         does it at once

  -3, --notification-fd N  use descriptor N; default: what ./notification-fd says; closed in prog
  -f, --no-doublefork      the process that waits is a child of prog; default: it is nobody's child
  -t, --timeout MS         give up after so long; the service goes on, not ready; default 0: never
  --socket ADDRESS         a path, or @ and a name; default: an abstract socket with a name of its own
  --ready-only             under sv, too, hear nothing more when prog is ready

Exit codes: 100 wrong usage; 111 system call failed; 127 prog not found; 126 prog can't be run; else
prog's.`,

  async run(args) {
    aboutServiceHere();
    const companion = companionArguments(commandWord(NAME), args);
    if (companion !== undefined) return await runBesideDaemon(companion);

    const settings = readSettings(args);
    requiredProgram(settings.prog);
    const fd = notificationFd(settings.fd);
    // Asked now: the supervisor may be killed before the companion runs.
    const stay = !settings.readyOnly && isSv(".");
    const watchdog = stay ? readWatchdog() : undefined;
    const { socket, address } = notifySocket(settings.socket);
    const daemon = openProcess(processId());
    forgetFormerStatus();
    const service = processesOf(processId());
    const pid = processIdInProc();
    const notes: Notes = { since: monotonicClock(), service, pid, watchdog, stay };
    startCompanion({
      name: commandWord(NAME),
      args: [JSON.stringify(notes), ...args.slice(0, args.length - settings.prog.length)],
      descriptors: [fd, daemon, socket],
      orphan: settings.orphan,
    });
    close(daemon);
    close(socket);
    setInherited(fd, false);
    setEnvironment(address, watchdog);
    return becomeProgram(settings.prog);
  },
};
