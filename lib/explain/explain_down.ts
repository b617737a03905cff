import { exitCode, termSignal } from "../os/wait_status.ts";
import { deathsInARow, meaningOf, millisecondsBetween } from "./deaths.ts";
import { explainByRc } from "./explain_by_rc.ts";
import type { Explanation, SupervisedFacts } from "./explanation.ts";
import { asides, lastWords, sentence } from "./clauses.ts";
import { count, duration, howItDied, list } from "./words.ts";

/** Milliseconds between two starts at least. */
const RESTART = 1000;
/** Milliseconds after a start that failed. */
const RETRY = 60_000;

/** Returns the time until something is due, to follow a verb. */
function inTime(milliseconds: number): string {
  return milliseconds > 0 ? `in ${duration(milliseconds)}` : "at any moment";
}

/** Explains a service that is down, with no `finish` running. */
export function explainDown(facts: SupervisedFacts, notStartedYet: boolean): Explanation {
  const { name, now, rc, startFailure, status } = facts;
  const start = rc === undefined
    ? `\`sv start ${name}\` starts it`
    : `\`${rc.start}\` starts it with what it needs`;
  if (startFailure !== undefined) {
    const since = millisecondsBetween(startFailure.at, now);
    return {
      state: "broken",
      reason: sentence(startFailure.why, asides(facts)),
      next: status.wantUp && !startFailure.isFinal
        ? `tried again ${inTime(RETRY - since)}; once that is mended, ${start} at once`
        : `once that is mended, ${start}`,
    };
  }
  const byRc = explainByRc(facts);
  if (byRc !== undefined && !facts.failed && !status.wantUp) return byRc;
  if (facts.failed) {
    const row = deathsInARow(facts);
    return {
      state: "failed",
      reason: sentence(
        "it was given up: finish said that it has failed for good (exit code 125)",
        row.count > 1 ? row.words : lastEnd(facts),
        lastWords(facts),
      ),
      next: `it stays down; once the cause is mended, ${start}`,
    };
  }
  if (status.wantUp) return notStartedYet ? aboutToStart() : betweenLives(facts);
  return {
    state: "down",
    reason: sentence(
      notStartedYet ? "not started yet" : `down${downFor(facts)}, as it was told`,
      facts.downFile && rc === undefined
        ? "the file down keeps it from being started with its supervisor"
        : "",
      notStartedYet ? "" : lastEnd(facts),
      left(facts),
    ),
    next: start,
  };
}

function aboutToStart(): Explanation {
  return { state: "restarting", reason: "not started yet", next: "started at any moment" };
}

/** Explains a service that has died and is going to be started again. */
function betweenLives(facts: SupervisedFacts): Explanation {
  const { now, status } = facts;
  const row = deathsInARow(facts);
  const since = millisecondsBetween(status.stamp, now);
  return {
    state: row.crashing ? "crashing" : "restarting",
    reason: sentence(
      row.words || `down${downFor(facts)}; ${lastEnd(facts)}`,
      left(facts),
      row.crashing ? mute(facts) : "",
      lastWords(facts),
      asides(facts),
    ),
    next: sentence(
      `started again ${inTime(RESTART - since)}`,
      row.crashing ? whatHelps(facts) : "",
    ),
  };
}

/** Returns a clause about a command in `run` that ends because it has nowhere to write its newline. */
function mute({ notifying: { command, descriptor, polled } }: SupervisedFacts): string {
  return command === undefined || descriptor !== undefined || polled
    ? ""
    : `run calls ${command}, and there is no file notification-fd`;
}

/** Returns where to look for the cause of a crash loop. */
function whatHelps(facts: SupervisedFacts): string {
  const { deaths, name, dir = name, isLogged, lastWords, leftBehind } = facts;
  const { exitCode, signal } = deaths.at(-1)!;
  if (exitCode === 0 && signal === 0) {
    return leftBehind.length > 0
      ? "run has to stay in the foreground: look for the daemon's option for that"
      : "run has to stay for as long as the service is up: does it go into the background?";
  }
  if (mute(facts) !== "") return `\`echo 3 >${dir}/notification-fd\` says which descriptor it has`;
  if (lastWords !== undefined) return "";
  return `what it prints tells why: ${
    isLogged ? "its logger has that" : "it is with what its supervisor prints"
  }`;
}

function downFor({ now, status }: SupervisedFacts): string {
  return ` for ${duration(millisecondsBetween(status.stamp, now))}`;
}

/** Returns a clause about the end of the last life. */
function lastEnd({ status }: SupervisedFacts): string {
  const signal = termSignal(status.waitStatus) ?? 0;
  const code = exitCode(status.waitStatus) ?? 0;
  const end = { exitCode: code, signal };
  return `its last life ended ${howItDied(end)}${signal === 0 ? meaningOf(end) : ""}`;
}

/** Returns a clause about processes of the last life. */
function left({ leftBehind }: SupervisedFacts): string {
  if (leftBehind.length === 0) return "";
  const named = list(leftBehind.map(({ name, pid }) => `${name} (${pid})`));
  const verb = leftBehind.length === 1 ? "runs" : "run";
  return `${
    count(leftBehind.length, "process", "processes")
  } of its last life still ${verb}: ${named}`;
}
