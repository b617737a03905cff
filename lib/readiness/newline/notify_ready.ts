import { close } from "../../os/file.ts";
import { Errno, SystemError } from "../../os/system_error.ts";
import { requirePassed, tryWriteNewline } from "./notification_fd.ts";

/**
 * Tells the supervisor that this program is ready: writes a newline to the notification descriptor
 * and closes it. For daemons written in Deno; call it once.
 *
 * The number is the one in the service's `notification-fd` file. A descriptor that was not passed to
 * this program is refused and left alone: Deno may have opened one of that number for itself.
 *
 * Follows s6's `notifywhenup` page.
 *
 * Permissions: `ffi`.
 *
 * @param fd The notification descriptor; with `undefined` the call does nothing, so that an optional
 *   setting can be passed on as it is.
 * @returns Whether the supervisor was told; false when `fd` is undefined or the supervisor is gone.
 * @throws {NotificationFdError} when the descriptor was not passed to this program.
 * @throws {SystemError} when it can't be written.
 *
 * @example
 * ```ts
 * import { notifyReady } from "@sv/supervise";
 *
 * const server = Deno.serve({ port: 0, onListen() {} }, () => new Response("hello"));
 * const fd = Deno.env.get("NOTIFY_FD");
 * notifyReady(fd === undefined ? undefined : Number(fd));
 * await server.shutdown();
 * ```
 */
export function notifyReady(fd: number | undefined): boolean {
  if (fd === undefined) return false;
  requirePassed(fd);
  const count = tryWriteNewline(fd);
  close(fd);
  if (count === -Errno.EPIPE) return false;
  if (count < 0) throw new SystemError(`write to the notification descriptor ${fd}`, -count);
  return true;
}
