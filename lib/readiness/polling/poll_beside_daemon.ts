import { PidfdDeaths } from "../../os/spawn/deaths.ts";
import { close, CWD } from "../../os/file.ts";
import { fstat } from "../../os/file_status.ts";
import { waitReadable } from "../../os/descriptor.ts";
import { Priority, reactor } from "../../os/reactor.ts";
import type { Printed } from "../checks/exec_check.ts";
import { trackCheck } from "./track_check.ts";
import { HANDED, takeHanded } from "../companion.ts";
import { processesOfRunning } from "../service_processes.ts";
import { tryWriteNewline } from "../newline/notification_fd.ts";
import { explainFailure } from "./explain_failure.ts";
import type { PollSettings } from "./poll_settings.ts";
import { pollWithStatus } from "./poll_with_status.ts";
import { settingsCheck } from "./settings_check.ts";

/** The exit codes of this process, those of s6-notifyoncheck's child; for debugging. */
const EXIT = { "ready": 0, "gave up": 1, "died": 2, "timed out": 3 } as const;

/** How to poll the daemon. */
export interface PollBesideDaemonOptions {
  /** The checks, how often and how long. */
  readonly settings: PollSettings;
  /** The daemon's process id. */
  readonly pid: number;
  /** When the daemon was started, on the monotonic clock in milliseconds. */
  readonly since: number;
  /** The limit on open files of a check, where that is not this process's. */
  readonly softNofile: number | undefined;
  /** Prints a warning. */
  readonly report: (message: string) => void;
}

/** The reason for which polling is aborted: the daemon or its supervisor has died. */
class Pointless extends Error {}

function daemonIsDead(): boolean {
  return waitReadable([HANDED.second], 0)[0]!;
}

/**
 * Returns a signal that is aborted when the daemon has died, or when the notification pipe has lost its
 * reader because the supervisor was killed. Each shows at a descriptor, also when it happened before.
 */
function watchForTheEnd(): AbortSignal {
  const controller = new AbortController();
  // The daemon may have died while this process was being started.
  if (daemonIsDead()) controller.abort(new Pointless());
  const watch = (fd: number) =>
    reactor().watch(fd, Priority.Death, () => {
      reactor().unwatch(fd);
      controller.abort(new Pointless());
    });
  watch(HANDED.second);
  // Without a supervisor, in an experiment, it may be a file, which epoll can't watch.
  if (fstat(HANDED.first).type === "fifo") watch(HANDED.first);
  return controller.signal;
}

function tellSupervisor(): void {
  // The daemon may have died since the check succeeded.
  if (!daemonIsDead()) tryWriteNewline(HANDED.first);
}

/**
 * Polls the daemon beside which this process runs, and tells the supervisor when it is ready. Ends
 * at once when the daemon dies.
 *
 * @returns The exit code.
 */
export async function pollBesideDaemon(options: PollBesideDaemonOptions): Promise<number> {
  const { settings, pid, since, softNofile, report } = options;
  takeHanded(HANDED.first, HANDED.second);
  const printed: Printed = { text: "" };
  const { check, ended } = trackCheck(settingsCheck(settings, {
    base: "",
    service: processesOfRunning(pid),
    surroundings: { deaths: new PidfdDeaths(), softNofile },
    printed,
    report: (message) =>
      report(`warning: ${message}, in ${Deno.cwd()}; the service is not ready until it can be run`),
  }));
  const signal = watchForTheEnd();
  const jitter = settings.polling.backoff === undefined ? {} : { jitter: Deno.cwd() };
  try {
    const polling = { ...settings.polling, ...jitter, signal };
    const result = await pollWithStatus(check, { polling, directory: CWD, pid, since, printed });
    if (result.ready) tellSupervisor();
    else report(explainFailure(result));
    // Closed at once, not only when the last check has ended: the supervisor need not watch it longer.
    reactor().unwatch(HANDED.first);
    close(HANDED.first);
    await ended();
    return EXIT[result.outcome];
  } catch (error) {
    if (!(error instanceof Pointless)) throw error;
    await ended();
    return EXIT.died;
  }
}
