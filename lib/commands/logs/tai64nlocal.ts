import type { Command } from "../../cli/command.ts";
import { operands, parseCommandLine } from "../../cli/command_line.ts";
import { filterLines } from "../../log/filters/filter_lines.ts";
import { LocalizeLines } from "../../log/filters/localize_lines.ts";

/** `sv tai64nlocal`: stamps made readable. */
export const tai64nlocalCommand: Command = {
  usage: "[ -g ] < lines",
  help:
    `Copies lines from standard input to standard output. Where a line begins with a TAI64N stamp (@ and 24
hexadecimal digits), as 'sv tai64n' and the directive t of a logging script put it there, the date and
the local time come in its place: 2026-11-21 21:10:18.145450297. All else stays as it is.

  -g, --utc  UTC instead of the local time, which TZ or /etc/localtime tell

Exits 0 at the end of its input, 111 where it can't read or write.`,

  run(args) {
    const options = parseCommandLine(args, "g", { utc: "g" });
    operands(options.rest, []);
    filterLines(new LocalizeLines(options.has("g")));
    return 0;
  },
};
