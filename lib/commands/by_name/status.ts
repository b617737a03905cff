import { type Command, ExitCode } from "../../cli/command.ts";
import { print } from "../../cli/output.ts";
import { loggerOf, namedServices, scanDirectory } from "../../cli/status/service_names.ts";
import { joinRc } from "../../cli/explained/join_rc.ts";
import { detailsOf, tableOf } from "../../cli/status/columns.ts";
import { isAsWanted, reportOn, reportOnAll, worstFirst } from "../../cli/status/report.ts";
import { statusJson } from "../../cli/status/status_json.ts";
import { terminal } from "../../cli/terminal.ts";
import { parseCommandLine } from "../../cli/command_line.ts";
import { UsageError } from "../../options/usage_error.ts";

/** How many lines of output are shown of a service that was named. */
const OUTPUT_LINES = 5;

/** `sv status`: how services are, and why. */
export const statusCommand: Command = {
  usage: "[ --json | -q ] [ name... ]",
  help: `Prints how services are: the state of each in a word, and why it is so.

A name is that of a service in the scan directory SVDIR, or /run/service where that is not set; one
that begins with a dot or a slash, or ends with a slash, is the path of a service directory. Without
a name, prints a line for each service of the scan directory and its loggers, the most urgent first;
on a terminal as much as fits on a line. With names, prints all about each: what is so, and what
happens next.

  --json       one JSON object: version (1), and services, an array of objects; docs/status.md
  -q, --quiet  print nothing: the exit code tells

Exits 0 when the state of each service could be read, 1 when not; with -q, 0 when each service that
is wanted up is ready (or can't tell), 1 when one is not.`,

  async run(args) {
    const options = parseCommandLine(args, "q", { json: "json", quiet: "q" });
    const quiet = options.has("q");
    const json = options.has("json");
    if (quiet && json) throw new UsageError("--quiet prints nothing, and --json all: use one");
    const named = options.rest.length > 0;
    const reports = await joinRc(
      named ? reportOn(namedServices(options.rest), OUTPUT_LINES) : reportOnAll(scanDirectory()),
      ({ service }) => service.dir,
    );
    if (quiet) return reports.every(isAsWanted) ? 0 : ExitCode.failed;
    const layout = terminal();
    if (json) print(`${statusJson(reports)}\n`);
    else if (named) {
      const loggers = reportOn(reports.map(({ service }) => loggerOf(service)));
      reports.forEach((report, index) => {
        const logger = loggers[index]!.explanation.state === "missing" ? undefined : loggers[index];
        print(`${detailsOf(report, logger, layout).join("\n")}\n`);
      });
    } else if (reports.length === 0) print(`there are no services in ${scanDirectory()}\n`);
    else print(`${tableOf(worstFirst(reports), layout).join("\n")}\n`);
    const unread = reports.some(({ facts }) => facts.status === undefined);
    return unread ? ExitCode.failed : 0;
  },
};
