import { type Command, ExitCode } from "../../cli/command.ts";
import { parseCommandLine, requireText } from "../../cli/command_line.ts";
import { print } from "../../cli/output.ts";
import { asFailure, RcExit, readLive } from "../../cli/rc/rc_live.ts";
import { LIVEDIR_HELP, liveOptions, READ_BLOCK_HELP } from "../../cli/rc/rc_options.ts";
import { isAsItShallBe, rcStatusJson, reportOnLive } from "../../cli/rc/rc_report.ts";
import { rcDetails, rcTable } from "../../cli/rc/rc_status_text.ts";
import { terminal } from "../../cli/terminal.ts";
import { UsageError } from "../../options/usage_error.ts";

/** How many lines of output are shown of a service that was named. */
const OUTPUT_LINES = 5;

/** `sv rc status`: how the services of a live directory are, and why. */
export const rcStatusCommand: Command = {
  usage: "[ -l live ] [ -b ] [ --json | -q ] [ name... ]",
  help:
    `Prints how services are that depend on each other: longruns, oneshots and bundles; the state of
each in a word, and why it is so: what it waits for and why that is not ready, or why its last start
failed. Without a name, prints a line for each, the most urgent first. With names, prints all about each:
whether it is wanted, what happens next, what it needs and what needs it, the last lines of its output
where they can be found.

${LIVEDIR_HELP}
${READ_BLOCK_HELP}
      --json               one JSON object: version (1), and services, an array of objects; docs/rc.md
  -q, --quiet              print nothing: the exit code tells

Exit codes: 0 success, with -q: each service that is wanted up is ready (or can't tell); 1 with -q: one is
not; 3 a name is unknown; 4 the live directory is invalid; 100 wrong usage; 111 system call failed.`,
  run(args) {
    const options = parseCommandLine(args, "l:bq", {
      "livedir": "l",
      "block": "b",
      "json": "json",
      "quiet": "q",
    });
    const quiet = options.has("q");
    const json = options.has("json");
    if (quiet && json) throw new UsageError("--quiet prints nothing, and --json all: use one");
    const names = options.rest;
    names.forEach((name) => requireText(name, "service"));
    const isNamed = names.length > 0;
    using live = readLive(liveOptions(options));
    let status;
    try {
      status = reportOnLive(live, isNamed ? names : undefined, isNamed ? OUTPUT_LINES : 0);
    } catch (error) {
      throw asFailure(error);
    }
    const { reports } = status;
    if (quiet) return reports.every(isAsItShallBe) ? RcExit.success : ExitCode.failed;
    const layout = terminal();
    if (json) print(`${rcStatusJson(live.path, status)}\n`);
    else if (isNamed) {
      const others = reportOnLive(live, undefined, 0).reports;
      const states = new Map(others.map(({ explanation, name }) => [name, explanation.state]));
      for (const report of reports) {
        print(`${rcDetails(report, (name) => states.get(name)!, layout).join("\n")}\n`);
      }
    } else if (reports.length === 0) print(`there are no services in ${live.path}\n`);
    else print(`${rcTable(reports, layout).join("\n")}\n`);
    return RcExit.success;
  },
};
