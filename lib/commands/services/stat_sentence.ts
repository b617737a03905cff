import { signalName } from "../../os/signal.ts";
import { isNotStartedYet, isUp } from "../../servicedir/status.ts";
import { lastExitCode, lastSignal, type Observation, secondsSince } from "./stat_fields.ts";

function lastEnd(observation: Observation, numeric: boolean): string {
  const signal = lastSignal(observation);
  if (signal === undefined) return `exitcode ${lastExitCode(observation)}`;
  return `signal ${numeric ? signal : `SIG${signalName(signal)}`}`;
}

/** What a daemon says itself, on the same line whatever bytes it is made of. */
function itsOwnWords(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, " ").trim();
}

/**
 * The state of a service in a sentence, the same as that of s6-svstat to the byte (with the space
 * before the comma where nothing was started yet), but for what only `sv` knows at its end.
 *
 * @param numeric Signals by number.
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
