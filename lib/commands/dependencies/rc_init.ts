import { CWD } from "../../os/file.ts";
import { keepDebuggerShut } from "../../os/runtime/debugger.ts";
import { tryStat } from "../../os/file_status.ts";
import { isLive, makeLive } from "../../rc/live/init.ts";
import {
  requireFreeNames,
  superviseLongruns,
  SuperviseTimeoutError,
} from "../../rc/live/supervision.ts";
import { Live } from "../../rc/live/live.ts";
import { longrunsOf } from "../../rc/definitions/definition_set.ts";
import { awaitScan } from "../../scan/await_scan.ts";
import { deadlineAfter } from "../../waiting/wait.ts";
import { type Command, ExitCode, Failure, required } from "../../cli/command.ts";
import { UsageError } from "../../options/usage_error.ts";
import { operandList, parseCommandLine } from "../../cli/command_line.ts";
import { MILLISECONDS } from "../../options/parse_options.ts";
import { say } from "../../cli/output.ts";
import { isCalledAsS6 } from "../../cli/program.ts";
import { asFailure } from "../../cli/rc/rc_live.ts";
import { BLOCK_HELP, LIVEDIR_HELP, liveOptions } from "../../cli/rc/rc_options.ts";
import { soundDefinitions } from "../../cli/rc/rc_sources.ts";

/** Where s6-rc-init looks for a database that is not named. */
const DEFAULT_DATABASE = "/etc/s6-rc/compiled/current";

/** How long a scan is waited for without a time limit, in milliseconds: it may just be starting. */
const PATIENCE = 5000;

/**
 * Makes sure that a scan is running. One that is not there yet is waited for, and that is said.
 *
 * @param scandir Path of the scan directory.
 * @param timeout Milliseconds; 0: no limit was given.
 * @param deadline When they are over, on the monotonic clock.
 */
function requireScan(scandir: string, timeout: number, deadline: number): void {
  const advice = `start sv scan ${scandir}`;
  if (tryStat(CWD, scandir)?.type !== "directory") {
    throw new Failure(
      `cannot use ${scandir}: there is no such directory; make it, and ${advice}`,
      ExitCode.usage,
    );
  }
  if (awaitScan(scandir, 0)) return;
  if (!isCalledAsS6()) {
    const limit = timeout === 0 ? PATIENCE : timeout;
    say(`no scan is running in ${scandir} yet: waiting for one, ${limit} milliseconds at most`);
    if (awaitScan(scandir, timeout === 0 ? deadlineAfter(limit) : deadline)) return;
  }
  throw new Failure(
    `cannot use ${scandir}: no scan is running there; ${advice} first`,
    ExitCode.usage,
  );
}

/** Returns the path that a source directory has for good; the given one where there is none any more. */
function realPath(source: string): string {
  try {
    return Deno.realPathSync(source);
  } catch {
    return source;
  }
}

/** `sv rc init`: makes a live directory. */
export const rcInitCommand: Command = {
  usage: "[ -l live ] [ -p prefix ] [ -t timeout ] [ -b ] [ -c source ]... scandir [ source... ]",
  help: `Makes a live directory, in which all services are down, from the definitions in source
directories, or in databases that 'sv rc compile' has made; puts a service directory for each longrun
into the scan directory, where sv scan or s6-svscan must be running, or just starting, and waits until
each has a supervisor. The sources are not looked at any more until 'sv rc update'. Where the live
directory exists already, made from the same, what is missing is made up for.

${LIVEDIR_HELP}
  -p, --prefix prefix      what the names start with in the scan directory; default: nothing
  -t, --timeout ms         how long to wait for the scan and the supervisors; default 0: 5000 for the
                           scan, and for ever for the supervisors
  -c, --bootdb source      one more source directory; default of s6-rc-init: ${DEFAULT_DATABASE}
${BLOCK_HELP}

Exit codes: 0 success; 1 the definitions have errors; 4 a source is a database that s6-rc has compiled;
100 wrong usage, or no scan is running; 102 the live directory exists, for another scan directory, prefix
or source; 111 system call failed, a name is taken in the scan directory, or the supervisors were not
there in time.`,
  async run(args) {
    const options = parseCommandLine(args, "c:l:p:t:bd", {
      "bootdb": "c",
      "livedir": "l",
      "prefix": "p",
      "timeout": "t",
      "block": "b",
      "dereference": "d",
    });
    const timeout = options.number("t", MILLISECONDS) ?? 0;
    const scandir = required(options.rest[0], "scan directory");
    const sources = [...options.values("c"), ...options.rest.slice(1)];
    if (sources.length === 0 && isCalledAsS6()) sources.push(DEFAULT_DATABASE);
    operandList(sources, "source directory");
    const { live, block } = liveOptions(options);
    if (!live.startsWith("/")) {
      throw new UsageError(`option -l takes an absolute path, not '${live}'`);
    }
    if (!scandir.startsWith("/")) {
      throw new UsageError(`the scan directory must be an absolute path, not '${scandir}'`);
    }
    const prefix = options.value("p") ?? "";
    if (/[/\n]/.test(prefix)) {
      throw new UsageError(
        `option -p takes a prefix without a slash or a newline, not ${JSON.stringify(prefix)}`,
      );
    }
    keepDebuggerShut();
    const deadline = deadlineAfter(timeout);
    requireScan(scandir, timeout, deadline);
    try {
      const absolute = sources.map(realPath);
      if (isLive(live, { scandir, prefix, sources: absolute })) {
        say(`${live} is there already; making sure that all is supervised`);
      } else {
        const set = soundDefinitions(sources, 1, prefix);
        requireFreeNames(live, longrunsOf(set).map(({ name }) => name), { scandir, prefix });
        makeLive(live, { scandir, prefix, set });
      }
      using opened = new Live(live, { purpose: "change", block });
      const names = longrunsOf(opened.set).map(({ name }) => name);
      await superviseLongruns(live, names, { scandir, prefix: opened.prefix }, timeout, deadline);
    } catch (error) {
      if (error instanceof SuperviseTimeoutError) {
        throw new Failure(error.message, ExitCode.systemCall);
      }
      throw asFailure(error);
    }
    return 0;
  },
};
