import { signalName } from "../../os/signal.ts";
import { isNotStartedYet, isUp } from "../../servicedir/status.ts";
import { lastExitCode, lastSignal, type Observation, secondsSince } from "./stat_fields.ts";

function lastEnd(observation: Observation, numeric: boolean): string {
  const signal = lastSignal(observation);
  if (signal === undefined) return `exitcode ${lastExitCode(observation)}`;
  return `signal ${numeric ? signal : `SIG${signalName(signal)}`}`;
}

/** Makes a daemon's own status text fit on the line: control characters become spaces. */
function itsOwnWords(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, " ").trim();
}

/**
 * Returns the state of a service in a sentence. It is that of s6-svstat to the byte, also the space
 * before the comma where nothing was started yet; what only `sv` knows follows at its end.
 *
 * @param observation The state.
 * @param numeric Whether signals are given by number.
 */
export function sentence(observation: Observation, numeric: boolean): string {
  const { status, normallyUp, said, now } = observation;
  const words = itsOwnWords(said?.status ?? "");
  const up = isUp(status);
  const notStarted = isNotStartedYet(status);
  const state = up
    ? `up (pid ${status.pid} pgid ${status.pid})`
    : `down (${notStarted ? "not started yet" : lastEnd(observation, numeric)})`;
  const since = notStarted ? "" : `${secondsSince(status.stamp, now)} seconds`;
  const remarks: [boolean, string][] = [
    [up && !normallyUp, "normally down"],
    [!up && normallyUp, "normally up"],
    [up && status.paused, "paused"],
    [!up && status.wantUp, "want up"],
    [up && !status.wantUp, "want down"],
    [status.ready && !notStarted, `ready ${secondsSince(status.readyStamp, now)} seconds`],
    [said?.state === "reloading" || said?.state === "stopping", `${said?.state}`],
    [words !== "", `status: ${words}`],
  ];
  return `${state} ${since}` +
    remarks.filter(([applies]) => applies).map(([, remark]) => `, ${remark}`).join("");
}
