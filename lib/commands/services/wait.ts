import { deadlineAfter } from "../../waiting/wait.ts";
import { ServicesWait } from "../../waiting/wait_state.ts";
import { WatchedServices } from "../../waiting/watched_services.ts";
import { awaitServices } from "../../cli/await_services.ts";
import type { Command } from "../../cli/command.ts";
import { say } from "../../cli/output.ts";
import { isCalledAsS6 } from "../../cli/program.ts";
import { operandList } from "../../cli/command_line.ts";
import { parseWaitOptions, TIMEOUT_HELP, WAIT_OPTIONS_HELP } from "../../cli/wait_options.ts";

/** Says at once that no supervisor is running, where that is waited for without a time limit. */
function sayWhatIsMissing(services: WatchedServices, timeout: number): void {
  if (timeout !== 0 || isCalledAsS6()) return;
  services.watchSupervisors();
  const missing = services.unsupervised.join(", ");
  if (missing !== "") say(`no supervisor is running on ${missing}: waiting for one`);
}

/** `sv wait`: waits until services are in a state. */
export const waitCommand: Command = {
  usage: "[ -U | -u | -d | -D | -r | -R ] [ -a | -o ] [ -t timeout ] servicedir...",
  help: `Waits until services are in a state. It never polls, and misses nothing: it listens to the
events first and reads the status second. Without service directories it exits 0 at once.

${WAIT_OPTIONS_HELP}
  -a  wait for all services (the default)
  -o  wait for one of them
${TIMEOUT_HELP}

Where no supervisor is running yet, it waits for one; without -t it says so at once. What has no file
run is no service directory, and is an error at once.

Exits 0 when the services are in that state, 99 when the time was up before, and with the number of
services that failed permanently or lost their supervisor when there were any.`,
  async run(args) {
    const { state, any, timeout, rest: dirs } = parseWaitOptions(args, { anywhere: true });
    // A list that a script has made may be empty.
    if (dirs.length === 0) return 0;
    operandList(dirs, "service directory");
    const deadline = deadlineAfter(timeout);
    using services = new WatchedServices(dirs, { patient: !isCalledAsS6() });
    const waiting = new ServicesWait({ any });
    for (const status of services.statuses) waiting.add(status, state);
    if (!waiting.done) sayWhatIsMissing(services, timeout);
    await awaitServices(dirs, services, waiting, { deadline, timeout });
    return 0;
  },
};
