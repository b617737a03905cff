import { spawnChild } from "../../os/spawn/spawn_child.ts";
import { deadlineAfter } from "../../waiting/wait.ts";
import { ServicesWait } from "../../waiting/wait_state.ts";
import { WatchedServices } from "../../waiting/watched_services.ts";
import { awaitServices } from "../../cli/await_services.ts";
import { becomeProgram } from "../../cli/become_program.ts";
import { splitBlock } from "../../cli/split_block.ts";
import type { Command } from "../../cli/command.ts";
import { warn } from "../../cli/output.ts";
import { isCalledAsS6 } from "../../cli/program.ts";
import { parseWaitOptions, TIMEOUT_HELP, WAIT_OPTIONS_HELP } from "../../cli/wait_options.ts";

/** `sv listen`: starts a program, and waits until services have reached the state that it causes. */
export const listenCommand: Command = {
  usage: '[ -U | -u | -d | -D | -r | -R ] [ -a | -o ] [ -t timeout ] servicedir... "" program...',
  help: `Listens to services, starts a program, and waits until the services are in a state. Nothing
that the program brings about is missed. The service directories end with an empty argument.

${WAIT_OPTIONS_HELP}
  -a  wait for all services (the default; the only way with -r and -R)
  -o  wait for one of them
${TIMEOUT_HELP}

Without service directories it becomes the program at once.

Exits 0 when the services are in that state, 99 when the time was up before, and with the number of
services that failed permanently or lost their supervisor when there were any.

  sv listen -U -t 5000 web db "" sv control -u web db`,
  async run(args) {
    const { state, any, timeout, rest } = parseWaitOptions(args);
    const { block: dirs, program } = splitBlock(rest, "service directories");
    if (dirs.length === 0) return becomeProgram(program);
    const restart = state === "restarted" || state === "restartedReady";
    if (restart && any) {
      warn("-o does not go with a restart; waiting for all services");
    }
    const deadline = deadlineAfter(timeout);
    using services = new WatchedServices(dirs, { patient: !isCalledAsS6() });
    const waiting = new ServicesWait({ any: any && !restart, downMeansFinished: true });
    for (const status of services.statuses) waiting.add(status, state);
    if (!waiting.done) services.watchSupervisors();
    spawnChild(program);
    await awaitServices(dirs, services, waiting, { deadline, timeout });
    return 0;
  },
};
