import type { Command } from "../../cli/command.ts";
import { namedServices, scanDirectory } from "../../cli/status/service_names.ts";
import { parseCommandLine } from "../../cli/command_line.ts";

/** `sv watch`: how services are, live. */
export const watchCommand: Command = {
  usage: "[ --json ] [ name... ]",
  help: `Shows how services are, and why, as it changes: those that are named, or all of the scan
directory SVDIR (/run/service where that is not set), also those that come later.

On a terminal it is a table, redrawn in place. Keys: the arrows or j and k select a service; enter
shows all about it, l the last lines of its output, where these can be found; / filters by name or
state; s sorts by urgency, name or latest change; u starts, d stops, r restarts; q quits.

Elsewhere it prints a line for each service, and another whenever one changes its state.

  --json  the lines are JSON objects: version (1), time, name, before (the former state, or null), and
          service, as in 'sv status --json', or null where it is gone

It does nothing where nothing happens: it is told by the kernel what has changed.`,

  async run(args) {
    const options = parseCommandLine(args, "", { json: "json" });
    const which = options.rest.length > 0 ? namedServices(options.rest) : scanDirectory();
    if (Deno.stdout.isTerminal() && Deno.stdin.isTerminal() && !options.has("json")) {
      const { watchOnTerminal } = await import("../../cli/watch/watch_on_terminal.ts");
      await watchOnTerminal(which);
      return 0;
    }
    const { watchAsLines } = await import("../../cli/watch/watch_as_lines.ts");
    return await watchAsLines(which, options.has("json"));
  },
};
