import { CWD } from "../../os/file.ts";
import { Access, accessErrno } from "../../os/path.ts";
import type { Command } from "../../cli/command.ts";
import { operands, parseCommandLine } from "../../cli/command_line.ts";
import { print } from "../../cli/output.ts";
import { scanDirectory, servicesOf } from "../../cli/status/service_names.ts";
import { ServicePath } from "../../servicedir/protocol.ts";

/** `sv list`: the names of the services. */
export const listCommand: Command = {
  usage: "[ scandir ]",
  help:
    `Prints the names of the services of a scan directory, a line each, in the order of the names;
loggers as name/log. Default: SVDIR, or /run/service where that is not set.`,

  run(args) {
    const [given] = operands(parseCommandLine(args).rest, ["scan directory"], 1);
    for (const { dir, name } of servicesOf(given ?? scanDirectory())) {
      if (accessErrno(CWD, `${dir}/${ServicePath.run}`, Access.EXISTS) === 0) print(`${name}\n`);
    }
    return 0;
  },
};
