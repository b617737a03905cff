import { exitCode, termSignal } from "../os/wait_status.ts";
import { millisecondsBetween } from "./deaths.ts";
import type { Explanation, SupervisedFacts } from "./explanation.ts";
import { duration, howItDied } from "./words.ts";

/** Explains a service that is on its way down: its process still runs, or its `finish` does. */
export function explainStopping(facts: SupervisedFacts): Explanation {
  return facts.status.finishing ? finishing(facts) : ending(facts);
}

function finishing({ finishTimeout, name, now, status }: SupervisedFacts): Explanation {
  const since = millisecondsBetween(status.stamp, now);
  const signal = termSignal(status.waitStatus) ?? 0;
  const code = exitCode(status.waitStatus) ?? 0;
  const end = howItDied({ exitCode: code, signal });
  const rest = finishTimeout - since;
  const then = status.wantUp ? "then it is started again" : "then it is down";
  return {
    state: status.wantUp ? "restarting" : "stopping",
    reason: `run ended ${end} ${duration(since)} ago, and finish (process ${status.pid}) ` +
      "still runs",
    next: finishTimeout === 0
      ? `finish may take as long as it likes (timeout-finish of ${name} is 0), ${then}`
      : rest > 0
      ? `finish is killed in ${duration(rest)} (timeout-finish), ${then}`
      : `finish is being killed (timeout-finish), ${then}`,
  };
}

function ending(facts: SupervisedFacts): Explanation {
  const { downSignal, killTimeout, name, now, said, status, stopping, wrongFiles = [] } = facts;
  const since = stopping === undefined ? undefined : millisecondsBetween(stopping, now);
  const told = since === undefined
    ? "it is not to be started again"
    : `told to go down by SIG${downSignal} ${duration(since)} ago`;
  return {
    state: "stopping",
    reason: `${told}, and process ${status.pid} still runs${hindrance(facts)}` +
      (said?.state === "stopping" ? `; it says that it is stopping` : "") +
      (said?.status ? `: ${said.status}` : "") + wrongFiles.map((wrong) => `; ${wrong}`).join(""),
    next: killTimeout === 0
      ? `it is waited for without end, as it has no timeout-kill; \`sv kill ${name}\` kills it`
      : since !== undefined && since < killTimeout
      ? `killed in ${duration(killTimeout - since)} (timeout-kill)`
      : "killed at any moment (timeout-kill)",
  };
}

/** Returns a clause about what keeps a process from obeying signals. */
export function hindrance({ process }: SupervisedFacts): string {
  if (process?.uninterruptible) return ", in a call of the kernel that no signal interrupts";
  return process?.stopped ? ", stopped: it obeys when it is continued (sv cont)" : "";
}
