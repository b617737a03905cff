import { monotonicClock } from "../../os/clock.ts";
import { signalName } from "../../os/signal.ts";
import type { PollingStatus } from "../../servicedir/polling_status.ts";
import { isNotStartedYet, isUp } from "../../servicedir/status.ts";
import { formatTai64n, type Instant } from "../../tai/tai64n.ts";
import { JSON_VERSION } from "../json.ts";
import { lastExitCode, lastSignal, type Observation } from "./stat_fields.ts";

function moment(instant: Instant, now: Instant) {
  const milliseconds = Number(instant / 1_000_000n);
  return {
    // A damaged status file may hold an instant that no Date can express; tai64n still shows it.
    time: Math.abs(milliseconds) <= 8.64e15 ? new Date(milliseconds).toISOString() : null,
    tai64n: formatTai64n(instant),
    secondsAgo: Number(now - instant) / 1e9,
  };
}

/** Returns the state of a service as a JSON object on one line, for `sv stat --json`. */
export function json(
  dir: string,
  observation: Observation,
  deaths: number,
  polling?: PollingStatus,
): string {
  const { status, normallyUp, said, failure, now } = observation;
  const up = isUp(status);
  const signal = lastSignal(observation);
  return JSON.stringify({
    version: JSON_VERSION,
    dir: dir.toWellFormed(),
    up,
    ready: status.ready,
    paused: status.paused && status.pid !== 0,
    finishing: status.finishing,
    finished: status.finished && !isNotStartedYet(status),
    wantedUp: status.wantUp,
    normallyUp,
    started: !isNotStartedYet(status),
    pid: up ? status.pid : null,
    pgid: up ? status.pid : null,
    exitCode: lastExitCode(observation) ?? null,
    signal: signal === undefined ? null : `SIG${signalName(signal)}`,
    signalNumber: signal ?? null,
    changed: moment(status.stamp, now),
    readyChanged: moment(status.readyStamp, now),
    failure: failure === undefined
      ? null
      : { kind: failure.kind, reason: failure.reason.toWellFormed() },
    deaths,
    daemon: said === undefined ? null : { state: said.state, status: said.status.toWellFormed() },
    polling: polling === undefined ? null : {
      state: polling.state,
      tries: polling.tries,
      lastFailure: polling.lastFailure.toWellFormed() || null,
      lastOutput: polling.lastOutput?.toWellFormed() ?? null,
      lastSeconds: polling.lastDuration === undefined ? null : polling.lastDuration / 1000,
      running: polling.runningSince === undefined ? null : {
        check: polling.tries + 1,
        seconds: Math.max(0, monotonicClock() - polling.runningSince) / 1000,
      },
    },
  });
}
