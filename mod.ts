/**
 * Supervise long-lived processes, and know without a race when each of them is ready.
 *
 * The library behind the program `sv`. It speaks s6's on-disk protocol, so everything here works on
 * services that s6 supervises, too.
 *
 * @example Supervise a service, wait until it is ready, and restart it
 * ```ts
 * import { control, readStatus, supervise, waitFor } from "@sv/supervise";
 *
 * const dir = Deno.makeTempDirSync();
 * Deno.writeTextFileSync(`${dir}/notification-fd`, "3\n");
 * Deno.writeTextFileSync(`${dir}/run`, "#!/bin/sh\necho >&3\nexec 3>&-\nexec sleep 60\n");
 * Deno.chmodSync(`${dir}/run`, 0o755);
 *
 * const stop = new AbortController();
 * const ended = supervise(dir, { signal: stop.signal });
 * await waitFor([dir], "ready", { timeout: 5000 });
 * console.log(readStatus(dir).pid); // 28109
 *
 * const back = waitFor([dir], "restartedReady", { timeout: 5000 });
 * control(dir, "r");
 * await back;
 *
 * stop.abort(); // brings the service down
 * await ended;
 * ```
 *
 * @module
 */

export { cleanFifodir } from "./lib/fifodir/clean.ts";
export { makeFifodir, type MakeFifodirOptions } from "./lib/fifodir/make.ts";
export { notify } from "./lib/fifodir/notify.ts";
export { subscribe, type Subscription } from "./lib/waiting/subscribe.ts";
export { BrokenControlError, control, NotSupervisedError } from "./lib/servicedir/control.ts";
export { ControlCommand } from "./lib/servicedir/protocol.ts";
export { isSupervised } from "./lib/servicedir/is_supervised.ts";
export { readStatus, type ServiceStatus } from "./lib/servicedir/status.ts";
export { explainService } from "./lib/explain/explain_service.ts";
export { explain } from "./lib/explain/explain.ts";
export { readFactsOf } from "./lib/explain/read_facts.ts";
export type { Explanation } from "./lib/explain/explanation.ts";
export type {
  Dependency,
  Facts,
  Notifying,
  OtherProcess,
  ProcessFacts,
  RcFacts,
  Rival,
  Supervision,
} from "./lib/explain/facts.ts";
export { type State, type StateMeaning, STATES, type Tone } from "./lib/explain/states.ts";
export type { Death } from "./lib/servicedir/death_tally.ts";
export type { PollingState, PollingStatus } from "./lib/servicedir/polling_status.ts";
export type { SdState, SdStatus } from "./lib/servicedir/sd_status.ts";
export { SystemError } from "./lib/os/system_error.ts";
export type { WaitStatus } from "./lib/os/wait_status.ts";
export type { Instant } from "./lib/tai/tai64n.ts";
export { AlreadySupervisedError } from "./lib/servicedir/supervise_dir.ts";
export { supervise, type SuperviseOptions } from "./lib/supervise/supervise.ts";
export {
  ServiceFailedError,
  waitFor,
  type WaitForOptions,
  WaitTimeoutError,
} from "./lib/waiting/wait_for.ts";
export type { AwaitedState } from "./lib/waiting/wait_state.ts";
export {
  type PollOptions,
  type PollResult,
  pollUntilReady,
} from "./lib/readiness/polling/poll_until_ready.ts";
export type { ReadinessCheck } from "./lib/readiness/checks/readiness_check.ts";
export { notifyReady } from "./lib/readiness/newline/notify_ready.ts";
export { NotificationFdError } from "./lib/readiness/newline/notification_fd.ts";
export { sdNotify } from "./lib/readiness/sd_notify/sd_notify.ts";
export {
  type SdNotification,
  type SdNotifyListener,
  sdNotifyListener,
  type SdNotifyListenerOptions,
  type SdNotifySender,
} from "./lib/readiness/sd_notify/sd_notify_listener.ts";
export * as readiness from "./lib/readiness/readiness.ts";
