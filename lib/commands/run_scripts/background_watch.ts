import { setInherited } from "../../os/descriptor.ts";
import { SystemError } from "../../os/system_error.ts";
import { cannotRun } from "../../cli/become_program.ts";
import { blockSignalsInAllThreads } from "../../os/runtime/blocked_signals.ts";
import { softLimitAtStart } from "../../os/runtime/soft_limit_at_start.ts";
import {
  backgroundWatch,
  BackgroundWatchError,
} from "../../readiness/background/background_watch.ts";
import { type Command, Failure, required, requiredProgram } from "../../cli/command.ts";
import { aboutServiceHere } from "../../cli/service_here.ts";
import { DESCRIPTOR, MILLISECONDS, parseOptions } from "../../options/parse_options.ts";
import { reportNow } from "../../cli/complain_now.ts";
import { notificationFd } from "../../cli/notification_fd.ts";

/** Keeps the notification descriptor from the daemon. */
function notification(fd: number | undefined): number | undefined {
  if (fd === undefined) return undefined;
  setInherited(notificationFd(fd), false);
  return fd;
}

/** `sv background-watch`: stays in the foreground in place of a daemon that goes into the background. */
export const backgroundWatchCommand: Command = {
  usage: "[-t timeout] [-d notif] pidfile prog...",
  help:
    `For run scripts of daemons that always fork into the background and write a pidfile. Runs prog as
a child, waits until that has exited 0, reads pidfile, and then stays in the foreground in the daemon's
place: signals that it gets are passed on, and it exits when the daemon does, with its exit code.

SIGKILL and SIGSTOP can't be passed on: do not use sv control -k. The daemon has to be a descendant of
prog; a pidfile that names another process (one left of a former run, say) is refused. The pidfile may come
up to a second after prog's exit.

  -t, --timeout-ready MS   kill prog if it has not exited after so long; default: no limit
  -d, --notification-fd N  write a newline to descriptor N when prog has exited 0 and the daemon is known;
                           to be used with a file notification-fd that says the same

Exit codes: the daemon's, or 128 + the signal that ended it; prog's, where that is not 0; 104 the pidfile
is of no use; 100 wrong usage; 111 system call failed; 127 prog not found; 126 prog can't be run.`,

  async run(args) {
    aboutServiceHere();
    const options = parseOptions(args, "t:d:", {
      "timeout-ready": "t",
      "notification-fd": "d",
    });
    const pidfile = required(options.rest[0], "pidfile");
    const prog = requiredProgram(options.rest.slice(1));
    blockSignalsInAllThreads();
    try {
      return await backgroundWatch({
        pidfile,
        prog,
        softNofile: softLimitAtStart(),
        timeout: options.number("t", MILLISECONDS) ?? 0,
        notification: notification(options.number("d", DESCRIPTOR, { least: 3 })),
        report: reportNow,
      });
    } catch (error) {
      if (error instanceof BackgroundWatchError) throw new Failure(error.message, error.exitCode);
      if (error instanceof SystemError && error.attempt === `run ${prog[0]}`) {
        throw cannotRun(prog[0]!, error);
      }
      throw error;
    }
  },
};
