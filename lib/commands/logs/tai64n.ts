import type { Command } from "../../cli/command.ts";
import { operands, parseCommandLine } from "../../cli/command_line.ts";
import { isCalledAsS6 } from "../../cli/program.ts";
import { filterLines } from "../../log/filters/filter_lines.ts";
import { stampLines } from "../../log/filters/stamp_lines.ts";

/** `sv tai64n`: stamps before lines. */
export const tai64nCommand: Command = {
  usage: "< lines",
  help:
    `Copies lines from standard input to standard output, with the time at which each came before it: a
TAI64N stamp (@ and 24 hexadecimal digits) and a space. 'sv tai64nlocal' makes it readable.

A line comes out as soon as it is whole; a last line without a newline gets one.

Exits 0 at the end of its input, 111 where it can't read or write.`,

  run(args) {
    // s6-tai64n looks at no argument.
    if (!isCalledAsS6()) operands(parseCommandLine(args).rest, []);
    filterLines(stampLines);
    return 0;
  },
};
