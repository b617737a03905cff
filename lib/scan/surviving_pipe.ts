import { type Pipe, waitReadable } from "../os/descriptor.ts";
import { CWD, Descriptor, Open, tryOpen } from "../os/file.ts";
import { readLink } from "../os/path.ts";
import { reopenPipe } from "../servicedir/survivor.ts";

/** Returns which pipe a descriptor of a process is; undefined where it is no pipe. */
function pipeOf(process: number | "self", fd: number): string | undefined {
  try {
    const target = readLink(CWD, `/proc/${process}/fd/${fd}`);
    return target?.startsWith("pipe:") ? target : undefined;
  } catch {
    return undefined;
  }
}

/** Tells whether a process has the writing end of a pipe that has no reader. */
function isUnread(pid: number, fd: number): boolean {
  const opened = tryOpen(CWD, `/proc/${pid}/fd/${fd}`, Open.WRITE | Open.NONBLOCK);
  if (opened < 0) return false;
  using end = new Descriptor(opened);
  // poll(2) reports the writing end of a pipe only when it has no reader.
  return waitReadable([end.fd], 0)[0]!;
}

/**
 * Returns the pipe from a service to its logger that a former scan made, where one of them still has
 * it.
 *
 * Other pipes must not be taken for it: a logger's stdin or a service's stdout may also be a pipe that
 * the former scan itself had inherited.
 *
 * @param service The process of the service, if it survived.
 * @param logger The process of the logger, if it survived.
 */
export function survivingPipe(
  service: number | undefined,
  logger: number | undefined,
): Pipe | undefined {
  const input = logger && pipeOf(logger, 0);
  if (input && input !== pipeOf("self", 0)) return reopenPipe(logger!, 0);
  // A pipe that only the service has, has lost its reader, the logger.
  if (service && pipeOf(service, 1) && isUnread(service, 1)) return reopenPipe(service, 1);
  return undefined;
}
