import { signalName } from "../../os/signal.ts";
import { exitCode, termSignal } from "../../os/wait_status.ts";
import type { SdStatus } from "../../servicedir/sd_status.ts";
import { isNotStartedYet, isUp, type ServiceStatus } from "../../servicedir/status.ts";
import { formatTai64n, type Instant } from "../../tai/tai64n.ts";

/** All that is known of a service at a moment. */
export interface Observation {
  /** What its supervisor wrote last. */
  readonly status: ServiceStatus;
  /** Whether it is started when its supervisor starts: there is no file `down`. */
  readonly normallyUp: boolean;
  /** What the daemon said of itself, where it speaks systemd's protocol. */
  readonly said?: SdStatus | undefined;
  /** When this was read. */
  readonly now: Instant;
}

/** Whole seconds from an instant until now, never fewer than none. */
export function secondsSince(instant: Instant, now: Instant): bigint {
  return now > instant ? (now - instant) / 1_000_000_000n : 0n;
}

/** How `run` ended last: undefined while it is running, and before its first start. */
function lastEnd({ status }: Observation): number | undefined {
  return isUp(status) || isNotStartedYet(status) ? undefined : status.waitStatus;
}

/** The exit code of the last `run`, or undefined where it is running or was killed. */
export function lastExitCode(observation: Observation): number | undefined {
  const end = lastEnd(observation);
  return end === undefined ? undefined : exitCode(end);
}

/** The signal that killed the last `run`, or undefined where it is running or just exited. */
export function lastSignal(observation: Observation): number | undefined {
  const end = lastEnd(observation);
  return end === undefined ? undefined : termSignal(end);
}

function processId({ status }: Observation): string {
  return isUp(status) ? `${status.pid}` : "-1";
}

function signalText(observation: Observation): string {
  const signal = lastSignal(observation);
  return signal === undefined ? "NA" : `SIG${signalName(signal)}`;
}

/** The fields of `sv stat -o`, each as it is printed. */
export const fields: Readonly<Record<string, (observation: Observation) => string>> = {
  up: ({ status }) => `${isUp(status)}`,
  wantedup: ({ status }) => `${status.wantUp}`,
  normallyup: ({ normallyUp }) => `${normallyUp}`,
  ready: ({ status }) => `${status.pid !== 0 && status.ready}`,
  paused: ({ status }) => `${status.pid !== 0 && status.paused}`,
  pid: processId,
  pgid: processId,
  exitcode: (observation) => `${lastExitCode(observation) ?? -1}`,
  signal: signalText,
  signum: (observation) => `${lastSignal(observation) ?? -1}`,
  updownsince: ({ status }) => formatTai64n(status.stamp),
  readysince: ({ status }) => formatTai64n(status.readyStamp),
  updownfor: ({ status, now }) => `${secondsSince(status.stamp, now)}`,
  readyfor: ({ status, now }) => `${secondsSince(status.readyStamp, now)}`,
};
