import { criticalPath } from "../../rc/report/critical_path.ts";
import { advice, plotStart } from "../../rc/report/plot.ts";
import { formatMilliseconds } from "../../rc/report/milliseconds.ts";
import { readStartRecord, type StartRecord } from "../../rc/report/start_record.ts";
import { CWD, Descriptor, Open, open, writeAll } from "../../os/file.ts";
import { encodeOs } from "../../os/os_string.ts";
import { type Command, ExitCode, Failure } from "../../cli/command.ts";
import { operands, parseCommandLine } from "../../cli/command_line.ts";
import { printJson } from "../../cli/json.ts";
import { complain, print } from "../../cli/output.ts";
import { UsageError } from "../../options/usage_error.ts";
import { readLive } from "../../cli/rc/rc_live.ts";
import {
  LIVEDIR_HELP,
  liveOptions,
  type RcOptions,
  READ_BLOCK_HELP,
} from "../../cli/rc/rc_options.ts";

/** `sv rc plot`: draws the last start, and says what made it long. */
export const rcPlotCommand: Command = {
  usage: "[ -l live ] [ -b ] [ -o file ] [ -q | --json ]",
  help:
    `Draws the last start of services as an SVG: a bar for each, from its process being there to its
being ready; those on the critical path, which made everything wait, are marked. In words it says on
stderr which services to make faster, and how much that can save.

  -o, --output file        where to write the SVG; default: stdout
  -q, --quiet              say nothing
  --json                   print one JSON object instead, to stdout: docs/json.md
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
      "json": "json",
    });
    operands(options.rest, []);
    const { live, block } = liveOptions(options);
    const record = lastStart({ live, block });
    if (record === undefined) {
      throw new Failure(`nothing was started in ${live} yet`, ExitCode.failed);
    }
    const output = options.value("o");
    if (options.has("json")) {
      if (output !== undefined) throw new UsageError("--json prints no SVG for -o to write");
      printStart(record);
      return 0;
    }
    const svg = plotStart(record);
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

function printStart(record: StartRecord): void {
  const { path, total } = criticalPath(record);
  printJson({
    date: new Date(record.date).toISOString(),
    totalMilliseconds: total,
    criticalPath: path,
    services: record.services.map(({ name, type, dependencies, ordered, spawned, ready }) => ({
      name,
      type,
      dependencies,
      orderedMilliseconds: ordered,
      spawnedMilliseconds: spawned,
      readyMilliseconds: ready ?? null,
    })),
  });
}

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
