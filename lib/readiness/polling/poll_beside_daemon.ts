import { PidfdDeaths } from "../../os/deaths.ts";
import { close, CWD, tryWrite } from "../../os/file.ts";
import { fstat } from "../../os/file_status.ts";
import { waitReadable } from "../../os/descriptor.ts";
import { Priority, reactor } from "../../os/reactor.ts";
import { attended } from "./track_check.ts";
import { HANDED, takeHanded } from "../companion.ts";
import { explainFailure } from "./explain_failure.ts";
import type { PollSettings } from "./poll_settings.ts";
import { pollWithStatus } from "./poll_with_status.ts";
import { settingsCheck } from "./settings_check.ts";

const NEWLINE = new Uint8Array([0x0a]);

/** How this process ends, as s6-notifyoncheck's child: nobody looks at it but a person who debugs. */
const EXIT = { "ready": 0, "gave up": 1, "died": 2, "timed out": 3 } as const;

/** How to poll the daemon. */
export interface PollBesideDaemonOptions {
  /** What to check, how often and how long. */
  readonly settings: PollSettings;
  /** The daemon's process id. */
  readonly pid: number;
  /** When the daemon was started, on the monotonic clock in milliseconds. */
  readonly since: number;
  /** The limit on open files of a check, where that is not this process's. */
  readonly softNofile: number | undefined;
  /** Where warnings go. */
  readonly report: (message: string) => void;
}

/** Why nobody wants to know any more whether the daemon is ready. */
class Pointless extends Error {}

function daemonIsDead(): boolean {
  return waitReadable([HANDED.second], 0)[0]!;
}

/**
 * Aborted when the daemon has died, or when nobody reads the notification any more: the supervisor
 * was killed. Both are descriptors, so neither can be missed, whenever it happened.
 */
function watchForTheEnd(): AbortSignal {
  const controller = new AbortController();
  // This process takes a while to start; by now it may all be over.
  if (daemonIsDead()) controller.abort(new Pointless());
  const watch = (fd: number) =>
    reactor().watch(fd, Priority.Death, () => {
      reactor().unwatch(fd);
      controller.abort(new Pointless());
    });
  watch(HANDED.second);
  // Whoever tries this out without a supervisor may have given a file, which can't be watched.
  if (fstat(HANDED.first).type === "fifo") watch(HANDED.first);
  return controller.signal;
}

function announce(): void {
  // Between the check's success and this moment the daemon may have died.
  if (!daemonIsDead()) tryWrite(HANDED.first, NEWLINE);
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
  const { check, ended } = attended(settingsCheck(settings, {
    base: "",
    surroundings: { deaths: new PidfdDeaths(), softNofile },
    report: (message) =>
      report(`warning: ${message}, in ${Deno.cwd()}; the service is not ready until it can be run`),
  }));
  const signal = watchForTheEnd();
  const jitter = settings.polling.backoff === undefined ? {} : { jitter: Deno.cwd() };
  try {
    const polling = { ...settings.polling, ...jitter, signal };
    const result = await pollWithStatus(check, { polling, directory: CWD, pid, since });
    if (result.ready) announce();
    else report(explainFailure(result));
    // The supervisor is to see at once that nobody will write to it any more.
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
