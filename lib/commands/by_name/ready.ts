import { type Command, ExitCode } from "../../cli/command.ts";
import { parseCommandLine } from "../../cli/command_line.ts";
import { joinRc } from "../../cli/explained/join_rc.ts";
import { say } from "../../cli/output.ts";
import { readinessOf, readinessOfAll, readinessText } from "../../cli/serve/probes.ts";
import { isAsWanted } from "../../cli/status/report.ts";
import { namedServices, scanDirectory, servicesOf } from "../../cli/status/service_names.ts";
import { explain } from "../../explain/explain.ts";
import { readFactsWithoutProcesses } from "../../explain/read_facts.ts";

/** `sv ready`: whether services are ready, by the exit code. */
export const readyCommand: Command = {
  usage: "[ -q ] [ name... ]",
  help: `Tells by its exit code whether services are ready: for probes and scripts.

Without a name: whether each service of the scan directory SVDIR (/run/service where that is not set) is
as it is wanted, that is, ready, or down where it shall be. With names: whether each of them is up and
ready. A service that can't tell that it is ready counts as ready when it is up.

Where one is not, a line on standard error says how it is, and why.

  -q, --quiet  say nothing

Exits 0 when they are, 1 when one is not, 111 when the scan directory can't be read. To ask often,
'sv serve' costs less.`,

  async run(args) {
    const options = parseCommandLine(args, "q", { quiet: "q" });
    const isNamed = options.rest.length > 0;
    const services = isNamed ? namedServices(options.rest) : servicesOf(scanDirectory());
    const told = await joinRc(
      services.map((service) => {
        const facts = readFactsWithoutProcesses(service.dir, service.name);
        return { service, facts, explanation: explain(facts) };
      }),
      ({ service }) => service.dir,
    );
    const astray = told.filter((live) => !isAsWanted(live));
    const board = {
      isAsWanted: astray.length === 0,
      astray: () => astray,
      current: (name: string) => told.find(({ service }) => service.name === name),
    };
    const readiness = isNamed
      ? readinessOf(board, services.map(({ name }) => name))
      : readinessOfAll(board);
    if (readiness.ready) return 0;
    if (!options.has("q")) readinessText(readiness).trimEnd().split("\n").forEach(say);
    return ExitCode.failed;
  },
};
