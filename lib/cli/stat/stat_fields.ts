import { signalName } from "../../os/signal.ts";
import { exitCode, termSignal } from "../../os/wait_status.ts";
import type { ServiceFailure } from "../../servicedir/failure.ts";
import type { SdStatus } from "../../servicedir/sd_status.ts";
import { isNotStartedYet, isUp, type ServiceStatus } from "../../servicedir/status.ts";
import { formatTai64n, type Instant } from "../../tai/tai64n.ts";

/** The state of a service at one moment. */
export interface Observation {
  /** The status that its supervisor wrote last. */
  readonly status: ServiceStatus;
  /** Whether its supervisor starts it at first: there is no file `down`. */
  readonly normallyUp: boolean;
  /** What the daemon has reported by sd_notify; undefined where it has not. */
  readonly said?: SdStatus | undefined;
  /** Why it is not up, where it has failed. */
  readonly failure?: ServiceFailure | undefined;
  /** When the status was read. */
  readonly now: Instant;
}

/** Returns the whole seconds from an instant until now; 0 if the instant is in the future. */
export function secondsSince(instant: Instant, now: Instant): bigint {
  return now > instant ? (now - instant) / 1_000_000_000n : 0n;
}

/**
 * Returns the wait status of the last `run`; undefined while it runs, and before its first start.
 */
function lastEnd({ status }: Observation): number | undefined {
  return isUp(status) || isNotStartedYet(status) ? undefined : status.waitStatus;
}

/**
 * Returns the exit code of the last `run`; undefined while it runs, and where a signal killed it.
 */
export function lastExitCode(observation: Observation): number | undefined {
  const end = lastEnd(observation);
  return end === undefined ? undefined : exitCode(end);
}

/** Returns the signal that killed the last `run`; undefined while it runs, and where it exited. */
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
  ready: ({ status }) => `${status.pid !== 0 && (status.ready || status.finished)}`,
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
