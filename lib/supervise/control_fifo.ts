import { tryRead } from "../os/file.ts";
import { Priority, reactor } from "../os/reactor.ts";
import { Errno, SystemError } from "../os/system_error.ts";
import { SupervisePath } from "../servicedir/protocol.ts";
import { attempt } from "./attempt.ts";

/**
 * Calls back with the bytes that come in by the control FIFO of a service, until the reactor is told
 * to stop watching it, or it can't be read.
 *
 * @param fd The FIFO.
 * @param report Gets errors, as warnings.
 * @param onBytes Takes the bytes.
 */
export function watchControl(
  fd: number,
  report: (message: string) => void,
  onBytes: (bytes: Uint8Array) => void,
): void {
  reactor().watch(fd, Priority.Ordinary, () =>
    attempt(report, () => {
      const buffer = new Uint8Array(512);
      const count = tryRead(fd, buffer);
      if (count > 0) onBytes(buffer.subarray(0, count));
      else if (count !== -Errno.EAGAIN && count !== 0) {
        reactor().unwatch(fd);
        throw new SystemError(`read ${SupervisePath.control}`, -count);
      }
    }));
}
