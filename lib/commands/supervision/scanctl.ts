import { isSv } from "../../servicedir/is_sv.ts";
import { isScanned } from "../../scan/is_scanned.ts";
import { controlScan, NotSupervisedError } from "../../servicedir/control.ts";
import { ScanCommand, ScanPath } from "../../servicedir/protocol.ts";
import { type Command, Failure, UsageError } from "../../cli/command.ts";
import { parseOptions } from "../../options/parse_options.ts";

/** A scan that is s6-svscan would only warn on its own stderr: the user is told here. */
function requireSv(dir: string): void {
  if (!isSv(dir, ScanPath) && isScanned(dir)) {
    throw new Failure(
      `cannot upgrade the scan of ${dir}: it is s6-svscan, which can't be replaced while it runs; ` +
        "end it with -t, then start sv scan",
      100,
    );
  }
}

/** Returns the command that an option stands for: those that s6 has are their own letters. */
function commandOf(option: string): ScanCommand {
  if (option === "upgrade") return ScanCommand.upgrade;
  const command = Object.values(ScanCommand).find((command) => command === option);
  if (command === undefined) throw new UsageError(`unknown option -${option}`);
  return command;
}

/** `sv scanctl`: sends commands to a running scan. */
export const scanctlCommand: Command = {
  usage: "[ -zabhitqnN ] [ --upgrade ] scandir",
  help: `Sends commands to the sv scan (or s6-svscan) of a scan directory, in this order.

  -z         reap what has died
  -a         look for new services
  -b         end at once, and leave all services alone
  -h         look for new services, and end what has gone
  -t, -i     bring all down; loggers first read what is left; then end
  -q         bring all down, loggers too; then end
  -n         end the services that the last scan did not find
  -N         the same, without letting loggers read what is left
  --upgrade  put the sv on disk in the place of the running one: same process, no service restarted

Exit codes: 0 success; 100 wrong usage, or no scan is running; 111 system call failed.`,
  run(args) {
    const { options, rest: [dir] } = parseOptions(args, "phratszbnNiq0678", {
      upgrade: "upgrade",
    });
    const commands = options.map(({ name }) => commandOf(name));
    if (dir === undefined) throw new UsageError("no scan directory given");
    if (commands.includes(ScanCommand.upgrade)) requireSv(dir);
    try {
      controlScan(dir, ...commands);
    } catch (error) {
      if (error instanceof NotSupervisedError) {
        throw new Failure(`cannot control ${dir}: no sv scan is running there`, 100);
      }
      throw error;
    }
    return 0;
  },
};
