import { signalName } from "../../os/signal.ts";
import { isNotStartedYet, isUp } from "../../servicedir/status.ts";
import { oneLine } from "../one_line.ts";
import { lastExitCode, lastSignal, type Observation, secondsSince } from "./stat_fields.ts";

function lastEnd(observation: Observation, numeric: boolean): string {
  const signal = lastSignal(observation);
  if (signal === undefined) return `exitcode ${lastExitCode(observation)}`;
  return `signal ${numeric ? signal : `SIG${signalName(signal)}`}`;
}

/** What a sentence says after the state: only what applies. */
type Remarks = readonly (readonly [applies: boolean, remark: string])[];

function inWords(state: string, remarks: Remarks): string {
  return [state, ...remarks.filter(([applies]) => applies).map(([, remark]) => remark)].join(", ");
}

function stateOf(observation: Observation, numeric: boolean): string {
  const { status, now } = observation;
  const notStarted = isNotStartedYet(status);
  const state = isUp(status)
    ? `up (pid ${status.pid} pgid ${status.pid})`
    : `down (${notStarted ? "not started yet" : lastEnd(observation, numeric)})`;
  return `${state} ${notStarted ? "" : `${secondsSince(status.stamp, now)} seconds`}`;
}

/** Returns the remarks that s6-svstat makes, but the last one, on readiness. */
function remarksOfS6({ status, normallyUp }: Observation): Remarks {
  const up = isUp(status);
  return [
    [up && !normallyUp, "normally down"],
    [!up && normallyUp, "normally up"],
    [up && status.paused, "paused"],
    [!up && status.wantUp, "want up"],
    [up && !status.wantUp, "want down"],
  ];
}

/**
 * Returns the state of a service in the sentence of s6-svstat, to the byte: also the space before the
 * comma where nothing was started yet, and "ready" of a service that is down for good.
 *
 * @param observation The state.
 * @param numeric Whether signals are given by number.
 */
export function sentenceOfS6(observation: Observation, numeric: boolean): string {
  const { status, now } = observation;
  const ready = (status.ready || status.finished) && !isNotStartedYet(status);
  return inWords(stateOf(observation, numeric), [
    ...remarksOfS6(observation),
    [ready, `ready ${secondsSince(status.readyStamp, now)} seconds`],
  ]);
}

/**
 * Returns the state of a service in a sentence: that of s6-svstat, but that only a service that is up is
 * called ready, and with what only `sv` knows at its end.
 *
 * @param observation The state.
 * @param numeric Whether signals are given by number.
 */
export function sentence(observation: Observation, numeric: boolean): string {
  const { status, said, failure, now } = observation;
  const words = oneLine(said?.status ?? "");
  return inWords(stateOf(observation, numeric).trimEnd(), [
    ...remarksOfS6(observation),
    [status.ready, `ready ${secondsSince(status.readyStamp, now)} seconds`],
    [status.finishing, "finish is running"],
    [failure !== undefined, oneLine(failure?.reason ?? "")],
    [said?.state === "reloading" || said?.state === "stopping", `${said?.state}`],
    [words !== "", `status: ${words}`],
  ]);
}
