/**
 * Whether a service is ready: checks, which are values and can be combined; polling with them; and
 * both ends of the protocols by which daemons tell it themselves.
 *
 * @example
 * ```ts
 * import { readiness } from "@sv/supervise";
 *
 * const { all, any, file, http, pollUntilReady, tcp } = readiness;
 * const check = all(tcp(8080), any(http("http://127.0.0.1:8080/health"), file("/run/app.ready")));
 * const { ready, lastFailure } = await pollUntilReady(check, { tries: 1, localTimeout: 5000 });
 * console.log(ready, lastFailure); // false cannot connect to port 8080: Connection refused
 * ```
 *
 * @module
 */

export { all } from "./checks/all.ts";
export { any } from "./checks/any.ts";
export { exec } from "./checks/exec.ts";
export { file } from "./checks/file.ts";
export { http, type HttpOptions } from "./checks/http.ts";
export type { OwnerOptions } from "./checks/owner.ts";
export { pidFile } from "./checks/pid_file.ts";
export { tcp } from "./checks/tcp.ts";
export { unix } from "./checks/unix.ts";
export type { ReadinessCheck } from "./checks/readiness_check.ts";
export { type PollOptions, type PollResult, pollUntilReady } from "./polling/poll_until_ready.ts";
export { notifyReady } from "./newline/notify_ready.ts";
export {
  type SdNotification,
  type SdNotifyListener,
  sdNotifyListener,
  type SdNotifyListenerOptions,
  type SdNotifySender,
} from "./sd_notify/sd_notify_listener.ts";
