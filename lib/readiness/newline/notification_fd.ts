import { isInherited } from "../../os/descriptor.ts";
import { CWD, readFile, tryWrite } from "../../os/file.ts";
import { MAX_INT } from "../../os/limits.ts";
import { decodeOs } from "../../os/os_string.ts";
import { Errno, isErrno } from "../../os/system_error.ts";
import { NEWLINE, ServicePath } from "../../servicedir/protocol.ts";

/** The notification descriptor is not what it should be. */
export class NotificationFdError extends Error {
  /** The class's name. */
  override name = "NotificationFdError";
  /** Whether a file has the wrong content; else this program was started in the wrong way. */
  readonly misconfigured: boolean;

  /**
   * Makes the error.
   *
   * @param message What was tried, what is wrong, what to do.
   * @param misconfigured Whether a file has the wrong content.
   */
  constructor(message: string, misconfigured: boolean) {
    super(message);
    this.misconfigured = misconfigured;
  }
}

/** Reads the file `notification-fd` in the working directory. */
export function readNotificationFd(): number {
  let bytes: Uint8Array;
  try {
    bytes = readFile(CWD, ServicePath.notificationFd, 64);
  } catch (error) {
    if (!isErrno(error, Errno.ENOENT)) throw error;
    throw new NotificationFdError(
      `Cannot find out the notification descriptor: there is no file notification-fd in ${Deno.cwd()}; ` +
        "write the descriptor's number there (echo 3 > notification-fd), or run this in the " +
        "service directory",
      false,
    );
  }
  const line = decodeOs(bytes).split("\n", 1)[0]!;
  const fd = /^\d+$/.test(line) ? Number(line) : NaN;
  if (fd >= 1 && fd <= MAX_INT) return fd;
  throw new NotificationFdError(
    `Cannot use ${Deno.cwd()}/notification-fd: ${JSON.stringify(line)} is no descriptor; ` +
      "write a number such as 3 there",
    true,
  );
}

/** Makes sure that a descriptor was passed to this program, and is not one that Deno has opened. */
export function requirePassed(fd: number): void {
  if (isInherited(fd)) return;
  throw new NotificationFdError(
    `Cannot use descriptor ${fd} for notification: it is not open; the supervisor opens it when ` +
      `notification-fd says ${fd} at the start of the service, and the run script must not close it`,
    false,
  );
}

/**
 * Writes the newline of readiness to a notification descriptor.
 *
 * @returns -errno where that failed.
 */
export function tryWriteNewline(fd: number): number {
  return tryWrite(fd, Uint8Array.of(NEWLINE));
}
