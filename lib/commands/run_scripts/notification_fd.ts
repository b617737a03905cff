import {
  NotificationFdError,
  readNotificationFd,
  requirePassed,
} from "../../readiness/newline/notification_fd.ts";
import { Failure } from "../../cli/command.ts";

/**
 * The notification descriptor of the service in the working directory, once it is certain that it was
 * passed to this program.
 *
 * @param given Its number, where an option says so.
 */
export function notificationFd(given: number | undefined): number {
  try {
    const fd = given ?? readNotificationFd();
    requirePassed(fd);
    return fd;
  } catch (error) {
    if (!(error instanceof NotificationFdError)) throw error;
    throw new Failure(error.message, error.misconfigured ? 100 : 111);
  }
}
