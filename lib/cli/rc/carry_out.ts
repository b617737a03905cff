import { monotonicClock } from "../../os/clock.ts";
import type { Live } from "../../rc/live/live.ts";
import { startRecord, writeStartRecord } from "../../rc/report/start_record.ts";
import type { Moments } from "../../rc/transition/change.ts";
import type { Plan } from "../../rc/transition/engine.ts";
import { type DryRun, type Say, Transition } from "../../rc/transition/transition.ts";
import { complain, print } from "../output.ts";
import { isCalledAsS6, programName } from "../program.ts";
import { terminalAt } from "../terminal.ts";
import { ChangeFollower } from "./change_follower.ts";
import { type ChangeProgress, DrawnProgress, PlainProgress } from "./change_progress.ts";
import { Interruption } from "./interruption.ts";
import { RcExit } from "./rc_live.ts";
import type { RcOptions } from "./rc_options.ts";

/** How plans are carried out. */
export interface CarryOutOptions extends Pick<RcOptions, "verbosity" | "timeout" | "dryRun"> {
  /** Whether a plan of which a part has failed does not keep the next one from being carried out. */
  readonly goesOn?: boolean;
  /** Whether lines tell in the end what was not done; default: they do. */
  readonly isExplained?: boolean;
}

/**
 * Carries out plans one after the other, as long as they succeed. While it waits it shows what for, and where
 * something was not done it says which services, and why.
 *
 * @returns The exit code.
 */
export async function carryOut(
  live: Live,
  plans: readonly (() => Plan)[],
  { verbosity, timeout, dryRun, goesOn = false, isExplained = true }: CarryOutOptions,
): Promise<number> {
  let progress: ChangeProgress | undefined;
  const say: Say = (loudness, message) => {
    if (verbosity < loudness) return;
    progress?.clear();
    complain(`${programName()}: ${message}`);
  };
  using interruption = new Interruption((message) => say(2, message));
  const { signal } = interruption;
  const deadline = timeout === 0 ? undefined : monotonicClock() + timeout;
  const pretence: DryRun | undefined = dryRun === undefined ? undefined : {
    delay: dryRun,
    pretend: (name, direction) => {
      if (verbosity > 0) print(`${direction === "up" ? "start" : "stop"} ${name}\n`);
    },
  };
  // The programs of s6 show no progress, and explain nothing.
  const isConsole = verbosity > 0 && !isCalledAsS6();
  let code: number = RcExit.success;
  for (const makePlan of plans) {
    const date = Date.now();
    const plan = makePlan();
    using followed = new DisposableStack();
    const follower = pretence === undefined
      ? followed.use(new ChangeFollower(live, plan, () => progress?.news()))
      : undefined;
    if (isConsole && follower !== undefined) {
      progress = followed.use(progressOf(follower, (message) => say(1, message)));
    }
    const transition = new Transition(live, plan, {
      say,
      timeout: deadline === undefined ? undefined : Math.max(deadline - monotonicClock(), 0),
      dryRun: pretence,
      signal,
      watcher: follower,
    });
    const end = await transition.run();
    progress?.[Symbol.dispose]();
    progress = undefined;
    if (plan.direction === "up") record(live, transition.moments, date);
    if (end !== "success" && isConsole && isExplained) {
      for (const line of follower?.unfinished(end) ?? []) say(1, line);
    }
    if (end === "timeout") {
      if (isExplained) say(1, `timed out after ${timeout} milliseconds; what was begun goes on`);
      return RcExit.timedOut;
    }
    if (end === "failure") code = RcExit.failed;
    if (end === "failure" && (!goesOn || signal.aborted)) return code;
  }
  return code;
}

function progressOf(follower: ChangeFollower, say: (message: string) => void): ChangeProgress {
  const look = () => follower.progressing;
  return Deno.stderr.isTerminal() && Deno.env.get("TERM") !== "dumb"
    ? new DrawnProgress(look, () => terminalAt(Deno.stderr))
    : new PlainProgress(look, say);
}

function record(live: Live, moments: ReadonlyMap<number, Moments>, date: number): void {
  if (moments.size > 0) writeStartRecord(live, startRecord(live.graph, moments, date));
}
