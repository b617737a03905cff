import { Errno, isErrno, reasonOf } from "../../os/system_error.ts";
import { isSv } from "../../servicedir/is_sv.ts";
import { isScanned } from "../../scan/is_scanned.ts";
import { controlScan, NotSupervisedError } from "../../servicedir/control.ts";
import { ScanCommand, ScanPath } from "../../servicedir/protocol.ts";
import { UnanswerableError } from "../../scan/askers.ts";
import { requestUpgrade } from "../../scan/request_upgrade.ts";
import { type Command, ExitCode, Failure } from "../../cli/command.ts";
import { UsageError } from "../../options/usage_error.ts";
import { print } from "../../cli/output.ts";
import { operands, parseCommandLine } from "../../cli/command_line.ts";
import { isCalledAsS6 } from "../../cli/program.ts";
import { MILLISECONDS } from "../../options/parse_options.ts";

/** The exit codes of an upgrade that was refused, and of one that took too long. */
const REFUSED = 1;

/** Milliseconds that an upgrade may take: a trial may take a minute, then services may start. */
const LONGEST_UPGRADE = 90_000;

/** Tells whether the scan is s6-svscan; false where this user may not look at the lock that tells. */
function isS6(dir: string): boolean {
  try {
    return !isSv(dir, ScanPath) && isScanned(dir);
  } catch (error) {
    if (isErrno(error, Errno.ENOENT, Errno.EACCES)) return false;
    throw error;
  }
}

/** Refuses an upgrade of s6-svscan, which would only warn on its own stderr. */
function requireSv(dir: string): void {
  if (!isS6(dir)) return;
  throw new Failure(
    `cannot upgrade the scan of ${dir}: it is s6-svscan, which can't be replaced while it runs; ` +
      "end it with -t, then start sv scan",
    ExitCode.usage,
  );
}

/** Returns an option's command; for s6's options the letter is the command byte. */
function commandOf(option: string): ScanCommand {
  if (option === "upgrade") return ScanCommand.upgrade;
  const command = Object.values(ScanCommand).find((command) => command === option);
  if (command === undefined) throw new UsageError(`unknown option -${option}`);
  return command;
}

/** What the options ask for. */
interface Orders {
  readonly dir: string;
  readonly commands: readonly ScanCommand[];
  /** Whether to wait for the outcome of an upgrade, and how many milliseconds at most. */
  readonly wait: boolean;
  readonly timeout: number;
}

function parse(args: readonly string[]): Orders {
  const given = parseCommandLine(args, "phratszbnNiq0678", {
    "upgrade": "upgrade",
    "no-wait": "no-wait",
    "timeout": "timeout:",
  });
  const settings = ["no-wait", "timeout"];
  const commands = given.options.map(({ name }) => name).filter((name) => !settings.includes(name));
  const idle = settings.find((name) => given.has(name));
  if (idle !== undefined && !given.has("upgrade")) {
    throw new UsageError(`--${idle} is about --upgrade, which is not given`);
  }
  const orders = commands.map(commandOf);
  const [dir = ""] = operands(given.rest, ["scan directory"]);
  if (orders.length === 0 && !isCalledAsS6()) {
    throw new UsageError("no command given: -a looks for new services, -t ends the scan, …");
  }
  return {
    commands: orders,
    dir,
    wait: !given.has("no-wait"),
    timeout: given.number("timeout", MILLISECONDS) ?? LONGEST_UPGRADE,
  };
}

/** Sends the commands, waits for the outcome of the upgrade among them, and prints it. */
function upgrade({ dir, commands, timeout }: Orders): number {
  const outcome = requestUpgrade(dir, commands, timeout);
  if (outcome === "late") {
    throw new Failure(
      `timed out after ${timeout} milliseconds while waiting for the upgrade of ${dir}: it may still come; ` +
        "an sv scan that is too old to answer says on its own stderr what came of it",
      ExitCode.timedOut,
    );
  }
  if (outcome === "ended") {
    throw new Failure(
      `cannot upgrade the scan of ${dir}: it ended before it answered`,
      ExitCode.supervisorDied,
    );
  }
  if (!outcome.upgraded) {
    throw new Failure(`cannot upgrade the scan of ${dir}: ${outcome.reason}`, REFUSED);
  }
  const { from, to } = outcome;
  print(`upgraded the scan of ${dir} from ${from ? `sv ${from}` : "an older sv"} to sv ${to}\n`);
  return 0;
}

/** `sv scanctl`: sends commands to a running scan. */
export const scanctlCommand: Command = {
  usage: "[ -zabhitqnN ] [ --upgrade [ --timeout ms | --no-wait ] ] scandir",
  help: `Sends commands to the sv scan (or s6-svscan) of a scan directory, in this order.

  -z            reap what has died
  -a            look for new services
  -b            end at once, and leave all services alone; after -t, -i or -q those go on
  -h            look for new services, and end what has gone
  -t, -i        bring all down; loggers first read what is left; then end
  -q            bring all down, loggers too; then end
  -n            end the services that the last scan did not find
  -N            the same, without letting loggers read what is left
  --upgrade     put the sv on disk in the place of the running one: same process, no service
                restarted; wait for the outcome, and print from which version to which
  --timeout ms  wait no longer than that for the outcome; default 90000; 0: no limit
  --no-wait     don't wait for the outcome; only root and the user of the scan can be told

Exit codes: 0 success; 1 the upgrade was refused, and the reason is printed; 99 timed out; 100 wrong
usage, or no scan is running; 102 the scan ended before it answered; 111 system call failed.`,
  run(args) {
    const orders = parse(args);
    const { dir, commands, wait } = orders;
    const upgrades = commands.includes(ScanCommand.upgrade);
    if (upgrades) requireSv(dir);
    try {
      if (upgrades && wait) return upgrade(orders);
      controlScan(dir, ...commands);
    } catch (error) {
      if (error instanceof NotSupervisedError) {
        throw new Failure(`cannot control ${dir}: no sv scan is running there`, ExitCode.usage);
      }
      if (error instanceof UnanswerableError) {
        throw new Failure(
          `${reasonOf(error)}; --no-wait asks without waiting`,
          ExitCode.systemCall,
        );
      }
      throw error;
    }
    return 0;
  },
};
