import { PidfdDeaths } from "../../os/spawn/deaths.ts";
import { monotonicClock } from "../../os/clock.ts";
import { candidates } from "../../os/spawn/exec.ts";
import { CWD, Open, open } from "../../os/file.ts";
import { Access, accessErrno } from "../../os/path.ts";
import { softLimitAtStart } from "../../os/runtime/soft_limit_at_start.ts";
import { reactor } from "../../os/reactor.ts";
import { sendSignal } from "../../os/send_signal.ts";
import { Signal, signalName } from "../../os/signal.ts";
import { PosixSpawner } from "../../os/spawn/posix_spawner.ts";
import { exitCode, termSignal, type WaitStatus } from "../../os/wait_status.ts";
import type { Change, Moments, Outcome, Settle } from "./change.ts";
import type { Oneshot } from "../definitions/definition.ts";
import { findExeclineb, scriptCommand } from "../definitions/script.ts";

let execlineb: string | undefined | null = null;
let root: number | undefined;

/** Runs a script of a oneshot, and tells whether it succeeded. */
export class OneshotChange implements Change {
  readonly moments: Moments = { ordered: monotonicClock() };
  readonly #settle: Settle;
  #timer: Disposable | undefined;
  #settled = false;

  /**
   * @param oneshot Its definition.
   * @param script Which script.
   * @param timeout Milliseconds that the script may take; 0: no limit.
   * @param settle Called with the outcome.
   */
  constructor(
    { name, directory, scripts }: Oneshot,
    script: "up" | "down" | "reload",
    timeout: number,
    settle: Settle,
  ) {
    this.#settle = settle;
    try {
      execlineb = execlineb === null ? findExeclineb() : execlineb;
      const command = scriptCommand(scripts[script] ?? "", `${directory}/${script}`, execlineb);
      if (command.length === 0) this.#succeed();
      else this.#run(name, command, timeout);
    } catch (error) {
      this.#end({ success: false, reason: (error as Error).message });
    }
  }

  /**
   * Starts the script in a session of its own, in `/`, with /dev/null as its standard input: it
   * must not depend on the terminal and directory from which the command was run.
   */
  #run(name: string, command: readonly string[], timeout: number): void {
    Deno.env.set("RC_NAME", name);
    const [program] = command;
    const process = new PosixSpawner().spawn({
      argv: command,
      file: candidates(program!, Deno.env.get("PATH")).find((path) =>
        accessErrno(CWD, path, Access.EXECUTE) === 0
      ) ?? program!,
      directory: root ??= open(CWD, "/", Open.READ | Open.DIRECTORY),
      stdin: "null",
      softNofile: softLimitAtStart(),
    });
    this.moments.spawned = monotonicClock();
    new PidfdDeaths().watch(process, (status) => this.#died(status));
    if (timeout > 0) {
      this.#timer = reactor().after(timeout, () => {
        sendSignal(process.pid, Signal.TERM);
        sendSignal(process.pid, Signal.CONT);
        this.#end({ success: false, reason: `its script did not end within ${timeout} ms` });
      });
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
    this.#timer?.[Symbol.dispose]();
    this.#settle(outcome);
  }

  abandon(): void {
    // How far a killed script got would be unknown: wait for its end.
  }
}
