import {
  NotificationFdError,
  readNotificationFd,
  requirePassed,
} from "../readiness/newline/notification_fd.ts";
import { ExitCode, Failure } from "./command.ts";

/**
 * Returns the notification descriptor of the service in the working directory. Fails where it was not
 * passed to this program.
 *
 * @param given Its number, where an option gives it.
 */
export function notificationFd(given: number | undefined): number {
  try {
    const fd = given ?? readNotificationFd();
    requirePassed(fd);
    return fd;
  } catch (error) {
    if (!(error instanceof NotificationFdError)) throw error;
    throw new Failure(error.message, error.misconfigured ? ExitCode.usage : ExitCode.systemCall);
  }
}
