import { unlinkService } from "../../scan/link.ts";
import type { Command } from "../../cli/command.ts";
import { UsageError } from "../../options/usage_error.ts";
import { operands, parseCommandLine } from "../../cli/command_line.ts";
import { MILLISECONDS } from "../../options/parse_options.ts";

/** `sv unlink`: takes a service out of a running scan. */
export const unlinkCommand: Command = {
  usage: "[ -X ] [ -t timeout ] scandir name",
  help:
    `Removes the symbolic link to a service from a scan directory, tells the scan, and waits until
the service, and its logger if it has one, are down and supervised no more.

  -X     don't wait
  -t ms  wait no longer than that; default 0: no limit. That is no failure

Exit codes: 0 success; 100 wrong usage; 111 system call failed.`,
  run(args) {
    const options = parseCommandLine(args, "Xt:");
    const names = ["scan directory", "name of a service"];
    const [scandir = "", name = ""] = operands(options.rest, names);
    if (name === "" || name.startsWith(".") || name.startsWith("/")) {
      throw new UsageError(`'${name}' can't be the name of a service`);
    }
    unlinkService(scandir, name, {
      wait: !options.has("X"),
      timeout: options.number("t", MILLISECONDS) ?? 0,
    });
    return 0;
  },
};
