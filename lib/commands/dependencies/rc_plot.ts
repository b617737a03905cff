import { criticalPath } from "../../rc/report/critical_path.ts";
import { advice, plotStart } from "../../rc/report/plot.ts";
import { formatMilliseconds } from "../../rc/report/milliseconds.ts";
import { readStartRecord, type StartRecord } from "../../rc/report/start_record.ts";
import { CWD, Descriptor, Open, open, writeAll } from "../../os/file.ts";
import { encodeOs } from "../../os/os_string.ts";
import { type Command, ExitCode, Failure } from "../../cli/command.ts";
import { operands, parseCommandLine } from "../../cli/command_line.ts";
import { complain, print } from "../../cli/output.ts";
import { readLive } from "../../cli/rc/rc_live.ts";
import {
  LIVEDIR_HELP,
  liveOptions,
  type RcOptions,
  READ_BLOCK_HELP,
} from "../../cli/rc/rc_options.ts";

/** `sv rc plot`: draws the last start, and says what made it long. */
export const rcPlotCommand: Command = {
  usage: "[ -l live ] [ -b ] [ -o file ] [ -q ]",
  help:
    `Draws the last start of services as an SVG: a bar for each, from its process being there to its
being ready; those on the critical path, which made everything wait, are marked. In words it says on
stderr which services to make faster, and how much that can save.

  -o, --output file        where to write the SVG; default: stdout
  -q, --quiet              say nothing
${LIVEDIR_HELP}
${READ_BLOCK_HELP}

Exit codes: 0 success; 1 nothing was started yet; 4 the live directory is invalid; 100 wrong usage; 111
system call failed.`,
  run(args) {
    const options = parseCommandLine(args, "l:bo:q", {
      "livedir": "l",
      "block": "b",
      "output": "o",
      "quiet": "q",
    });
    operands(options.rest, []);
    const { live, block } = liveOptions(options);
    const record = lastStart({ live, block });
    if (record === undefined) {
      throw new Failure(`nothing was started in ${live} yet`, ExitCode.failed);
    }
    const svg = plotStart(record);
    const output = options.value("o");
    if (output === undefined) print(svg);
    else writeFile(output, svg);
    if (!options.has("q")) {
      const critical = criticalPath(record);
      complain(`Everything was ready after ${formatMilliseconds(critical.total)}`);
      for (const line of advice(record, critical)) complain(line);
    }
    return 0;
  },
};

/** Writes a text to a file that the user has named: a link, or a FIFO, is what he wants. */
function writeFile(path: string, text: string): void {
  using file = new Descriptor(open(CWD, path, Open.WRITE | Open.CREATE | Open.TRUNCATE));
  writeAll(file.fd, encodeOs(text), path);
}

function lastStart(options: Pick<RcOptions, "live" | "block">): StartRecord | undefined {
  const live = readLive(options);
  try {
    return readStartRecord(live);
  } finally {
    live[Symbol.dispose]();
  }
}
