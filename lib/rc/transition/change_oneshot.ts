import { reasonOf } from "../../os/system_error.ts";
import { PidfdDeaths } from "../../os/spawn/deaths.ts";
import { monotonicClock } from "../../os/clock.ts";
import { candidates } from "../../os/spawn/exec.ts";
import { CWD, Open, open } from "../../os/file.ts";
import { Access, accessErrno } from "../../os/path.ts";
import type { Spawned, SpawnRequest } from "../../os/spawn/spawner.ts";
import { reactor } from "../../os/reactor.ts";
import { sendSignal } from "../../os/send_signal.ts";
import { Signal, signalName } from "../../os/signal.ts";
import { exitCode, termSignal, type WaitStatus } from "../../os/wait_status.ts";
import type { Change, Moments, Outcome, Settle } from "./change.ts";
import { ScriptProcess } from "../live/script_process.ts";
import type { Oneshot } from "../definitions/definition.ts";
import { findExeclineb, scriptCommand } from "../definitions/script.ts";
import { spawnScript } from "./spawn_script.ts";

let execlineb: string | undefined | null = null;
let root: number | undefined;

/** How to run a script of a oneshot. */
export interface OneshotChangeOptions {
  /** The live directory, where the script's process is recorded. */
  readonly live: string;
  /** Which script. */
  readonly script: "up" | "down" | "reload";
  /** Milliseconds that the script may take; 0: no limit. */
  readonly timeout: number;
  /** Gets a message for the user. */
  readonly warn: (message: string) => void;
  /** Called with the outcome. */
  readonly settle: Settle;
}

/**
 * Runs a script of a oneshot, and tells whether it succeeded. Where a former command was killed or has
 * given up, a script that it has left is awaited first: two never run at once.
 */
export class OneshotChange implements Change {
  readonly moments: Moments = { ordered: monotonicClock() };
  readonly #name: string;
  readonly #options: OneshotChangeOptions;
  #timer: Disposable | undefined;
  /** The watches of processes that a former command has left; undefined while there are none. */
  #waiting: DisposableStack | undefined;
  #pid: number | undefined;
  #settled = false;

  /**
   * @param oneshot Its definition.
   * @param options How to run the script.
   */
  constructor({ name, directory, scripts, instance }: Oneshot, options: OneshotChangeOptions) {
    this.#name = name;
    this.#options = options;
    try {
      const { script } = options;
      execlineb = execlineb === null ? findExeclineb() : execlineb;
      const command = scriptCommand(
        scripts[script] ?? "",
        `${directory}/${script}`,
        execlineb,
        instance?.instance,
      );
      if (command.length === 0) this.#succeed();
      else this.#begin(command);
    } catch (error) {
      this.#end({ success: false, reason: reasonOf(error) });
    }
  }

  #begin(command: readonly string[]): void {
    const { live, timeout } = this.#options;
    const process = new ScriptProcess(live, this.#name);
    const { pids: left, doubtful } = process.left();
    if (timeout > 0) this.#timer = reactor().after(timeout, () => this.#onTimeout(left));
    if (left.length === 0) return this.#run(process, command);
    const processes = `process ${left.join(", ")}`;
    this.#options.warn(
      doubtful === undefined
        ? `service ${this.#name}: a script of it still runs as ${processes}, which a former command ` +
          "has left: waiting for its end"
        : `service ${this.#name}: a former command was killed while it started a script of it, and ` +
          `${processes} may be that script: waiting for its end; if it is something else, interrupt ` +
          `this command, remove ${doubtful}, and run the command again`,
    );
    let running = left.length;
    const watches = this.#waiting = new DisposableStack();
    for (const pid of left) {
      watches.use(
        new PidfdDeaths().watch({ pid, foreign: true }, () => {
          if (--running > 0 || this.#settled) return;
          this.#waiting = undefined;
          try {
            this.#run(process, command);
          } catch (error) {
            this.#end({ success: false, reason: reasonOf(error) });
          }
        }),
      );
    }
  }

  #onTimeout(left: readonly number[]): void {
    const { timeout } = this.#options;
    if (this.#pid !== undefined) {
      sendSignal(this.#pid, Signal.TERM);
      sendSignal(this.#pid, Signal.CONT);
    }
    const reason = this.#pid === undefined
      ? `a script that a former command has left, process ${left.join(", ")},`
      : "its script";
    this.#end({ success: false, reason: `${reason} did not end within ${timeout} milliseconds` });
  }

  /**
   * Starts the script in a session of its own, in `/`, with /dev/null as its standard input: it
   * must not depend on the terminal and directory from which the command was run.
   */
  #run(record: ScriptProcess, command: readonly string[]): void {
    Deno.env.set("RC_NAME", this.#name);
    const [program] = command;
    record.starts();
    const process = this.#spawn(record, {
      argv: command,
      file: candidates(program!, Deno.env.get("PATH")).find((path) =>
        accessErrno(CWD, path, Access.EXECUTE) === 0
      ) ?? program!,
      directory: root ??= open(CWD, "/", Open.READ | Open.DIRECTORY),
      stdin: "null",
    });
    this.#pid = process.pid;
    record.started(process.pid);
    this.moments.spawned = monotonicClock();
    new PidfdDeaths().watch(process, (status) => this.#died(status));
  }

  #spawn(record: ScriptProcess, request: SpawnRequest): Spawned {
    try {
      return spawnScript(request);
    } catch (error) {
      record.failed();
      throw error;
    }
  }

  #died(status: WaitStatus): void {
    const code = exitCode(status);
    if (code === 0) return this.#succeed();
    const reason = code === undefined
      ? `its script was ended by SIG${signalName(termSignal(status)!)}`
      : `its script exited ${code}`;
    this.#end({ success: false, reason });
  }

  #succeed(): void {
    this.moments.ready = monotonicClock();
    this.#end({ success: true });
  }

  #end(outcome: Outcome): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#waiting?.dispose();
    this.#timer?.[Symbol.dispose]();
    this.#options.settle(outcome);
  }

  abandon(): void {
    // How far a killed script got would be unknown: wait for its end.
    if (this.#waiting === undefined) return;
    this.#end({ success: false, reason: "interrupted before its script was started" });
  }
}
