import { close } from "./file.ts";
import { openProcess, reap } from "./process.ts";
import { Priority, reactor } from "./reactor.ts";
import type { Spawned } from "./spawn/spawner.ts";
import type { WaitStatus } from "./wait_status.ts";

/** Learns of the deaths of processes. */
export interface Deaths {
  /**
   * Calls back once, when the process has died; disposing of the result ends the watch.
   *
   * @param child The process, as the spawner returned it.
   * @param callback Gets how it ended.
   */
  watch(child: Spawned, callback: (status: WaitStatus) => void): Disposable;
}

/**
 * Learns of deaths by a pidfd for each process: it works beside other code of the program that starts
 * children and waits for them.
 */
export class PidfdDeaths implements Deaths {
  watch(process: Spawned, callback: (status: WaitStatus) => void): Disposable {
    const pidfd = openProcess(process.pid);
    let watching = true;
    const end = () => {
      if (!watching) return;
      watching = false;
      reactor().unwatch(pidfd);
      close(pidfd);
    };
    reactor().watch(pidfd, Priority.Death, () => {
      const status = reap(pidfd, process.status !== undefined);
      if (status === undefined) return;
      end();
      if (status !== "elsewhere") return callback(status);
      // The runtime has taken the status before, and its promise has it.
      (process.status ?? Promise.resolve(0)).then(callback);
    });
    return { [Symbol.dispose]: end };
  }
}
