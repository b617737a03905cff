import { ControlCommand } from "../servicedir/protocol.ts";
import type { Input } from "./machine.ts";
import type { ServiceOptions } from "./service_options.ts";

/** The commands that say whether the service shall be up. */
const WANTS: ReadonlySet<string> = new Set([
  ControlCommand.up,
  ControlCommand.down,
  ControlCommand.once,
  ControlCommand.atMostOnce,
  ControlCommand.upForever,
  ControlCommand.downForever,
]);

/** The processes of which one may be the service's: a service never runs twice. */
export class Doubt {
  readonly #watches: Disposable[] = [];

  /**
   * Waits until such processes have died.
   *
   * @param pids The processes.
   * @param options Reports the wait, and learns of the deaths.
   * @param onEnd Called when all have died, unless the doubt ends before.
   */
  await(
    pids: readonly number[],
    { report, deaths }: Pick<ServiceOptions, "report" | "deaths">,
    onEnd: () => void,
  ): void {
    if (pids.length === 0) return;
    report(
      `warning: a supervisor was killed while it started the service, and process ${
        pids.join(", ")
      } may be the service's: not starting it before that ends; use sv control -u to start it now`,
    );
    let left = pids.length;
    for (const pid of pids) {
      this.#watches.push(deaths.watch({ pid, foreign: true }, () => {
        if (--left === 0) onEnd();
      }));
    }
  }

  /** Ends the doubt at a command that says whether the service shall be up. */
  resolve({ name }: Input): void {
    if (WANTS.has(name)) this.end();
  }

  /** Ends the doubt. */
  end(): void {
    this.#watches.splice(0).forEach((watch) => watch[Symbol.dispose]());
  }
}
