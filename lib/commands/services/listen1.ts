import { spawnChild } from "../../os/spawn/spawn_child.ts";
import { deadlineAfter } from "../../waiting/wait.ts";
import { ServicesWait } from "../../waiting/wait_state.ts";
import { WatchedServices } from "../../waiting/watched_services.ts";
import { awaitServices } from "../../cli/await_services.ts";
import { type Command, required, requiredProgram } from "../../cli/command.ts";
import { isCalledAsS6 } from "../../cli/program.ts";
import { parseWaitOptions, TIMEOUT_HELP, WAIT_OPTIONS_HELP } from "../../cli/wait_options.ts";

/** `sv listen1`: starts a program, and waits until a service has reached the state that it causes. */
export const listen1Command: Command = {
  usage: "[ -U | -u | -d | -D | -r | -R ] [ -t timeout ] servicedir program...",
  help: `Listens to a service, starts a program, and waits until the service is in a state. Nothing
that the program brings about is missed.

${WAIT_OPTIONS_HELP}
${TIMEOUT_HELP}

Exits 0 when the service is in that state, 1 when it failed permanently or lost its supervisor, 99
when the time was up before.

  sv listen1 -U -t 5000 web sv control -u web`,
  async run(args) {
    const { state, timeout, rest } = parseWaitOptions(args, { short: "uUdDrRt:" });
    const dir = required(rest[0], "service directory");
    const program = requiredProgram(rest.slice(1));
    const deadline = deadlineAfter(timeout);
    using services = new WatchedServices([dir], { patient: !isCalledAsS6() });
    const waiting = new ServicesWait({ downMeansFinished: true });
    for (const status of services.statuses) waiting.add(status, state);
    if (!waiting.done) services.watchSupervisors();
    spawnChild(program);
    await awaitServices([dir], services, waiting, { deadline, timeout });
    return 0;
  },
};
