import { CWD } from "../../os/file.ts";
import { stat, tryStat } from "../../os/file_status.ts";
import { Errno, isErrno } from "../../os/system_error.ts";
import { isSupervised } from "../../servicedir/is_supervised.ts";
import { NotSupervisedError } from "../../servicedir/control.ts";
import { ServicePath } from "../../servicedir/protocol.ts";
import { isScanned } from "../../scan/is_scanned.ts";
import { linkService, withLogger } from "../../scan/link.ts";
import { type Command, ExitCode, Failure } from "../../cli/command.ts";
import { UsageError } from "../../options/usage_error.ts";
import { operands, parseCommandLine } from "../../cli/command_line.ts";
import { MILLISECONDS } from "../../options/parse_options.ts";
import { warn } from "../../cli/output.ts";

const NO_SCAN = 1;
const OWNER_MAY_EXECUTE = 0o100;

function checkRun(path: string): void {
  if ((stat(CWD, path).mode & OWNER_MAY_EXECUTE) === 0) {
    throw new Failure(`cannot supervise ${path}: it is not executable`, ExitCode.usage);
  }
}

/** Checks the service before anything is changed. */
function checkService(servicedir: string): void {
  for (const directory of withLogger(servicedir)) {
    if (stat(CWD, directory).type !== "directory") {
      throw new Failure(`cannot supervise ${directory}: it is not a directory`, ExitCode.usage);
    }
    checkRun(`${directory}/${ServicePath.run}`);
    if (isSupervised(directory)) {
      warn(`a supervisor is running already on ${directory}`);
    }
  }
}

function checkScan(scandir: string): void {
  try {
    if (isScanned(scandir)) return;
  } catch (error) {
    if (!isErrno(error, Errno.ENOENT)) throw error;
    const reason = tryStat(CWD, scandir) === undefined
      ? "there is no such directory"
      : "no sv scan has run there yet";
    throw new Failure(`cannot add to ${scandir}: ${reason}`, ExitCode.systemCall);
  }
  throw new Failure(`cannot add to ${scandir}: no sv scan is running there`, NO_SCAN);
}

function basename(path: string): string {
  return path.replace(/\/+$/, "").replace(/.*\//s, "");
}

/** `sv link`: adds a service to a running scan. */
export const linkCommand: Command = {
  usage: "[ -d | -D ] [ -f ] [ -P ] [ -t timeout ] scandir servicedir [ name ]",
  help: `Makes a symbolic link to a service directory in a scan directory, tells the scan, and waits
until the service, and its logger if it has one, are supervised. The link gets the name of the
service directory unless another is given. If it fails, the service is taken out again.

  -d     supervise the service, but don't start it
  -D     the same, and leave a file 'down' in it, so that it stays down
  -P     anyone may listen to its events; default: members of the caller's group
  -f     set these rights even if its fifodir exists already
  -t ms  wait for the supervisor no longer than that; default 0: no limit

Exit codes: 0 success; 1 no scan is running; 99 timed out; 100 wrong usage; 111 system call failed.`,
  run(args) {
    const options = parseCommandLine(args, "dDfPt:");
    const names = ["scan directory", "service directory", "name of the service"];
    const [scandir = "", servicedir = "", given] = operands(options.rest, names, 1);
    const start = options.lastOf("d", "D");
    const name = given ?? basename(servicedir);
    if (name === "" || name.startsWith(".") || name.includes("/")) {
      throw new UsageError(`'${name}' can't be the name of a service`);
    }
    const timeout = options.number("t", MILLISECONDS) ?? 0;
    checkScan(scandir);
    checkService(servicedir);
    try {
      const linked = linkService(scandir, servicedir, name, {
        start: start === "d" ? "down" : start === "D" ? "stay down" : undefined,
        public: options.has("P"),
        force: options.has("f"),
        timeout,
      });
      if (linked) return 0;
    } catch (error) {
      if (error instanceof NotSupervisedError) checkScan(scandir);
      if (isErrno(error, Errno.EEXIST)) {
        throw new Failure(
          `cannot link ${servicedir} into ${scandir}: there is another ${name} already; ` +
            "give another name as the last argument",
          ExitCode.systemCall,
        );
      }
      throw error;
    }
    throw new Failure(
      `timed out after ${timeout} milliseconds while waiting for the supervisor of ${servicedir}: took ` +
        `${name} out of ${scandir} again`,
      ExitCode.timedOut,
    );
  },
};
