import { close } from "../file.ts";
import { reap, tryOpenProcess } from "../process.ts";
import { Priority, reactor } from "../reactor.ts";
import type { Spawned } from "./spawner.ts";
import { exited, type WaitStatus } from "../wait_status.ts";
import { statusOfZombie } from "../zombie_status.ts";

/** Learns of the deaths of processes. */
export interface Deaths {
  /**
   * Calls back once, when the process has died, in a later turn also where it is gone already;
   * disposing of the result ends the watch.
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
    const pidfd = tryOpenProcess(process.pid);
    let watching = true;
    let open = pidfd !== undefined;
    const closePidfd = () => {
      if (!open) return;
      open = false;
      reactor().unwatch(pidfd!);
      close(pidfd!);
    };
    /** For a status that Deno has taken (its promise has it), or the parent of a foreign process. */
    const diedElsewhere = async () => {
      const status = await (process.status ?? exited(0));
      if (watching) callback(status);
    };
    if (pidfd === undefined) diedElsewhere();
    else {
      reactor().watch(pidfd, Priority.Death, () => {
        const isKnown = process.status !== undefined;
        let status = reap(pidfd, isKnown);
        if (status === undefined) return;
        if (status === "elsewhere" && !isKnown) {
          // The kernel tells a stranger by the pidfd only when the parent has reaped it, maybe just now.
          const ofZombie = statusOfZombie(process.pid);
          status = reap(pidfd) ?? status;
          if (status === "elsewhere" && ofZombie !== undefined) status = ofZombie;
        }
        closePidfd();
        if (status === "elsewhere") diedElsewhere();
        else callback(status);
      });
    }
    return {
      [Symbol.dispose]() {
        watching = false;
        closePidfd();
      },
    };
  }
}
