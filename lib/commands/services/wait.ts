import { deadlineAfter } from "../../waiting/wait.ts";
import { ServicesWait } from "../../waiting/wait_state.ts";
import { WatchedServices } from "../../waiting/watched_services.ts";
import { awaitServices } from "../../cli/await_services.ts";
import type { Command } from "../../cli/command.ts";
import { parseWaitOptions, TIMEOUT_HELP, WAIT_OPTIONS_HELP } from "../../cli/wait_options.ts";

/** `sv wait`: waits until services are in a state. */
export const waitCommand: Command = {
  usage: "[ -U | -u | -d | -D | -r | -R ] [ -a | -o ] [ -t timeout ] servicedir...",
  help: `Waits until services are in a state. It never polls, and misses nothing: it listens to the
events first and reads the status second. Without service directories it exits 0 at once.

${WAIT_OPTIONS_HELP}
  -a  wait for all services (the default)
  -o  wait for one of them
${TIMEOUT_HELP}

The supervisor must have run once on each service directory.

Exits 0 when the services are in that state, 99 when the time was up before, and with the number of
services that failed permanently or lost their supervisor when there were any.`,
  async run(args) {
    const { state, any, timeout, rest: dirs } = parseWaitOptions(args);
    if (dirs.length === 0) return 0;
    const deadline = deadlineAfter(timeout);
    using services = new WatchedServices(dirs);
    const waiting = new ServicesWait({ any });
    for (const status of services.statuses) waiting.add(status, state);
    await awaitServices(dirs, services, waiting, deadline);
    return 0;
  },
};
