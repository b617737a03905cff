import { monotonicClock } from "../../os/clock.ts";
import type { Live } from "../../rc/live/live.ts";
import { startRecord, writeStartRecord } from "../../rc/report/start_record.ts";
import type { Moments } from "../../rc/transition/change.ts";
import type { Plan } from "../../rc/transition/engine.ts";
import { type DryRun, Transition } from "../../rc/transition/transition.ts";
import { complain, print } from "../output.ts";
import { programName } from "../program.ts";
import { Interruption } from "./interruption.ts";
import { RcExit } from "./rc_live.ts";
import type { RcOptions } from "./rc_options.ts";

/** Carries out plans one after the other, as long as they succeed. Returns the exit code. */
export async function carryOut(
  live: Live,
  plans: readonly (() => Plan)[],
  { verbosity, timeout, dryRun }: Pick<RcOptions, "verbosity" | "timeout" | "dryRun">,
): Promise<number> {
  const say = (loudness: number, message: string) => {
    if (verbosity >= loudness) complain(`${programName()}: ${message}`);
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
  for (const makePlan of plans) {
    const date = Date.now();
    const plan = makePlan();
    const transition = new Transition(live, plan, {
      say,
      timeout: deadline === undefined ? undefined : Math.max(deadline - monotonicClock(), 0),
      dryRun: pretence,
      signal,
    });
    const end = await transition.run();
    if (plan.direction === "up") record(live, transition.moments, date);
    if (end === "timeout") {
      say(1, `timed out after ${timeout} milliseconds; what was begun goes on`);
      return RcExit.timedOut;
    }
    if (end === "failure") return RcExit.failed;
  }
  return RcExit.success;
}

function record(live: Live, moments: ReadonlyMap<number, Moments>, date: number): void {
  if (moments.size > 0) writeStartRecord(live, startRecord(live.graph, moments, date));
}
