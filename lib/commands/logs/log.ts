import { close } from "../../os/file.ts";
import { keepDebuggerShut } from "../../os/runtime/debugger.ts";
import { giveMemoryBackSoon } from "../../os/runtime/give_memory_back.ts";
import { setProcessTitle } from "../../os/runtime/process_title.ts";
import { surviveErrors } from "../../os/runtime/survive_errors.ts";
import { reactor } from "../../os/reactor.ts";
import { receiveChildSignals, receiveSignals } from "../../os/signal_state.ts";
import { Signal } from "../../os/signal.ts";
import { Logger } from "../../log/logger/logger.ts";
import { parseScript } from "../../log/script/parse_script.ts";
import { DESCRIPTOR, MILLISECONDS, parseOptions } from "../../options/parse_options.ts";
import { UsageError } from "../../options/usage_error.ts";
import {
  NotificationFdError,
  requirePassed,
  tryWriteNewline,
} from "../../readiness/newline/notification_fd.ts";
import { type Command, ExitCode, Failure } from "../../cli/command.ts";
import { complainNow } from "../../cli/complain_now.ts";
import { programName } from "../../cli/program.ts";

const DEFAULT_LINE_LIMIT = 8192;
/** A line that is cut is at least this long. */
const LEAST_LINE_LIMIT = 48;
const DEFAULT_LAST_LINE_TIMEOUT = 2000;

/** Refuses a notification descriptor that was not passed to this program. */
function checkNotificationFd(fd: number | undefined): void {
  if (fd === undefined) return;
  if (fd < 3) throw new UsageError(`option -d takes a descriptor from 3 on, not ${fd}`);
  try {
    requirePassed(fd);
  } catch (error) {
    if (!(error instanceof NotificationFdError)) throw error;
    throw new Failure(error.message, ExitCode.usage);
  }
}

/** `sv log`: writes lines to log directories that never fill the disk. */
export const logCommand: Command = {
  usage: "[-d fd] [-q | -v] [-b] [-p] [-l linelimit] [-t lastlinetimeout] [--] directive...",
  help:
    `Reads lines from standard input, and does with each what the directives say, in their order.

  -d, --notification-fd N  write a newline to descriptor N when ready to read
  -q                       print alerts and fatal errors only
  -v                       print warnings, too (the default)
  -b                       read nothing more before everything is written
  -p                       ignore SIGTERM: only the end of the input, or SIGHUP, ends the logger
  -l BYTES                 cut lines that are longer; default 8192, at least 48; 0: never
  -t MS                    how long to wait for the rest of the last line after SIGTERM or SIGHUP;
                           default 2000; 0: for ever

Which lines are selected; all are at first:
  +REGEX      select lines that match (POSIX extended regular expression)
  -REGEX      deselect lines that match
  f           select the lines with which nothing was done so far, and no others

How the next actions work:
  nNUMBER     archives to keep in a log directory; default 10
  sBYTES      how large a file may become; default 99999, from 4096 to 268435455
  lBYTES      how far below that it is archived; default 2000
  SBYTES      all archives together have no more bytes; default 0: no limit
  RSECONDS    archive the file as often as this, too; default 0: never
  rMS         how long to wait before something that failed is tried again; default 2000
  ?SCRIPT     what is archived is what /bin/sh -c SCRIPT makes of the file; nothing: no such script
  !SCRIPT     the same with execlineb -Pc SCRIPT
  EBYTES      how much of a line an alert shows; default 200; 0: all
  ^BYTES      how many bytes a status file has; default 1001; 0: as many as the line
  pPREFIX     put PREFIX and a space before lines; nothing: no prefix
  t           put a TAI64N stamp first, for the next action only
  T           put the local time first, for the next action only

What is done with selected lines:
  DIR         append them to DIR/current; DIR begins with / or . and is made if it is missing
  1           write them to standard output
  2           write their beginnings to standard error
  =FILE       keep the last one in FILE

The script gets the file as its input, writes what is archived to its output, reads on descriptor 4
what it has written on descriptor 5 the last time, and runs in the log directory. A log directory has the
files of s6-log: current, archives @*.s, and @*.u where a logger was killed. Either program goes on where
the other has ended.

Signals: ALRM archives all files now; TERM and HUP end the logger after the line that has begun. What
follows that line stays in the pipe.

Exit codes: 0 success; 100 wrong usage; 111 system call failed.`,

  async run(args) {
    const options = parseOptions(args, "qvbpl:d:t:", { "notification-fd": "d" });
    const fd = options.number("d", DESCRIPTOR);
    const limit = options.number("l", "a number of bytes") ?? DEFAULT_LINE_LIMIT;
    const lastLineTimeout = options.number("t", MILLISECONDS) ?? DEFAULT_LAST_LINE_TIMEOUT;
    if (options.rest.length === 0) throw new UsageError("no directives given");
    const script = parseScript(options.rest);
    checkNotificationFd(fd);
    keepDebuggerShut();

    let verbosity = 1;
    for (const { name } of options.options) {
      if (name === "q") verbosity = Math.max(verbosity - 1, 0);
      if (name === "v") verbosity++;
    }
    const name = programName();
    const report = (message: string) => {
      if (verbosity > 0) complainNow(`${name}: warning: ${message}`);
    };
    if (script.unused.length > 0) {
      report(`no action follows ${script.unused.map((text) => `'${text}'`).join(" ")}: ignored`);
    }
    receiveChildSignals();
    const logger = new Logger({
      script,
      lineLimit: limit === 0 ? 0 : Math.max(limit, LEAST_LINE_LIMIT),
      lastLineTimeout,
      blocking: options.has("b"),
      name,
      report,
    });
    const on = (signal: "ALRM" | "HUP" | "TERM", act: () => void) =>
      Deno.addSignalListener(`SIG${signal}`, () => {
        reactor().stir();
        act();
      });
    on("ALRM", () => logger.rotate());
    on("HUP", () => logger.stop());
    on("TERM", () => {
      if (!options.has("p")) logger.stop();
    });
    receiveSignals([Signal.ALRM, Signal.HUP, Signal.TERM, Signal.CHLD]);
    surviveErrors((message) => complainNow(`${name}: ${message}`));
    setProcessTitle([...name.split(" "), ...args]);
    if (fd !== undefined) {
      tryWriteNewline(fd);
      close(fd);
    }
    giveMemoryBackSoon();
    reactor().park();
    await logger.run();
    return 0;
  },
};
