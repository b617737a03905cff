import { asides, itsWords, lastWords, sentence } from "./clauses.ts";
import { deathsInARow, millisecondsBetween } from "./deaths.ts";
import type { Explanation, SupervisedFacts } from "./explanation.ts";
import type { State } from "./states.ts";
import { count, duration } from "./words.ts";

/** Explains a service that is up, and not on its way down. */
export function explainUp(facts: SupervisedFacts): Explanation {
  const { isGone, status, process, said } = facts;
  if (isGone) return gone(facts);
  if (status.paused || process?.stopped) return paused(facts);
  if (!status.ready) return notReady(facts);
  const stamps = { up: status.stamp, ready: status.readyStamp };
  const took = millisecondsBetween(stamps.up, stamps.ready);
  const reloading = said?.state === "reloading";
  return {
    state: reloading ? "reloading" : "ready",
    reason: sentence(
      reloading ? "it reads its configuration again" : "",
      `ready for ${duration(millisecondsBetween(stamps.ready, facts.now))}, ` +
        `${duration(took)} after its start`,
      itsWords(facts),
      asides(facts),
    ),
    next: reloading ? "it says when it has done so" : "",
  };
}

/** Explains a service whose status is not true any more. */
function gone({ status }: SupervisedFacts): Explanation {
  return {
    state: "unknown",
    reason: `process ${status.pid} does not exist any more, and supervise/status does not say so`,
    next: "its supervisor is about to write it, or can't: is the disk full?",
  };
}

function paused({ name, status }: SupervisedFacts): Explanation {
  return {
    state: "paused",
    reason: status.paused
      ? `process ${status.pid} was stopped by \`sv pause\``
      : `process ${status.pid} is stopped, by a signal that its supervisor has not sent`,
    next: `\`sv cont ${name}\` continues it`,
  };
}

/** Explains a service that is up and has not said that it is ready. */
function notReady(facts: SupervisedFacts): Explanation {
  const { now, status } = facts;
  const { state, why, next } = hopeOf(facts);
  const row = deathsInARow(facts);
  const since = duration(millisecondsBetween(status.stamp, now));
  return {
    state: row.crashing ? "crashing" : state,
    reason: sentence(
      `${state === "up" ? "up" : "not ready"} for ${since}: ${why}`,
      itsWords(facts),
      row.words,
      row.crashing ? lastWords(facts) : "",
      asides(facts),
    ),
    next,
  };
}

/** What becomes of a service that is not ready. */
interface Hope {
  readonly state: State & ("starting" | "stuck" | "up");
  readonly why: string;
  readonly next: string;
}

function hopeOf(facts: SupervisedFacts): Hope {
  const { name, dir = name, notifying, polling, pollingFault, said, wrongFiles = [] } = facts;
  if (polling !== undefined) return polled(facts, polling);
  if (pollingFault !== undefined) {
    return {
      state: "stuck",
      why: `it is not asked, because of ${pollingFault}`,
      next: `once that is mended, \`sv restart ${name}\` starts it anew`,
    };
  }
  if (notifying.polled) {
    return { state: "starting", why: "it has not been asked yet", next: "asked at any moment" };
  }
  const { closed, command, descriptor, writesTo } = notifying;
  if (descriptor === undefined) {
    const mend = `\`echo ${writesTo ?? 3} >${dir}/notification-fd\`, then \`sv restart ${name}\``;
    if (command !== undefined) {
      return {
        state: "stuck",
        why: `run calls ${command}, and there is no file notification-fd that names its descriptor`,
        next: mend,
      };
    }
    // What is wrong with the file is told besides.
    const isWrong = wrongFiles.some((wrong) => wrong.includes("notification-fd"));
    return {
      state: "up",
      why:
        `${
          isWrong ? "its notification-fd is of no use" : "there is no notification-fd"
        }, so nothing tells whether it is ready` +
        (writesTo === undefined ? "" : `, though run writes to descriptor ${writesTo}`),
      next: writesTo === undefined ? "" : `if run says by that that it is ready: ${mend}`,
    };
  }
  if (closed) {
    return {
      state: "stuck",
      why: `it has closed descriptor ${descriptor} (notification-fd) without a newline`,
      next: "it has no way left to say that it is ready; mend run, then " +
        `\`sv restart ${name}\``,
    };
  }
  const awaited = AWAITED[command?.replace(/^(?:sv |s6-)/, "") ?? ""];
  return {
    state: "starting",
    why: awaited !== undefined
      ? `${awaited} (${command})`
      : `no newline has come on descriptor ${descriptor} (notification-fd)` +
        (command === undefined ? "" : `, where ${command} writes it`) +
        (writesTo === undefined || writesTo === descriptor
          ? ""
          : `; run writes to descriptor ${writesTo}`),
    next: "ready as soon as it comes" +
      (command === undefined && writesTo === undefined && said === undefined
        ? "; a daemon that can't write one is to be asked (sv help notifyoncheck)"
        : ""),
  };
}

/** What has not happened yet, where a command in `run` tells the supervisor. */
const AWAITED: Readonly<Record<string, string>> = {
  "notify-fd-from-socket": "it has not sent READY=1 to its $NOTIFY_SOCKET",
  "notifyonline": "no line that it printed matches",
};

function polled(
  { checkRunning, name }: SupervisedFacts,
  { lastFailure, lastOutput, state, tries }: NonNullable<SupervisedFacts["polling"]>,
): Hope {
  const printed = lastOutput === undefined ? "" : `: ${lastOutput}`;
  const failure = lastFailure === "" ? "" : `, ${lastFailure}${printed}`;
  const asked = `asked ${count(tries, "time")}${failure}`;
  if (state === "gave up" || state === "timed out") {
    return {
      state: "stuck",
      why: `${asked}; asking has ended (${state})`,
      next: `it isn't asked again in this life; \`sv restart ${name}\` starts it anew`,
    };
  }
  if (checkRunning !== undefined && checkRunning >= 1000) {
    return {
      state: "starting",
      why: `${tries === 0 ? "" : `${asked}; `}check ${tries + 1} has been running for ` +
        duration(checkRunning),
      next: "asked again when that check has ended",
    };
  }
  return {
    state: "starting",
    why: tries === 0 ? "the first check has not ended yet" : asked,
    next: "asked again in a moment",
  };
}
