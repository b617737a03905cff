import { type Pipe, waitReadable } from "../os/descriptor.ts";
import { CWD, Descriptor, Open, tryOpen } from "../os/file.ts";
import { readLink } from "../os/path.ts";
import { reopenPipe } from "../servicedir/survivor.ts";

/** Which pipe a descriptor of a process is; undefined where it is none. */
function pipeOf(process: number | "self", fd: number): string | undefined {
  try {
    const target = readLink(CWD, `/proc/${process}/fd/${fd}`);
    return target?.startsWith("pipe:") ? target : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a process writes into a pipe that nobody reads. */
function isUnread(pid: number, fd: number): boolean {
  const opened = tryOpen(CWD, `/proc/${pid}/fd/${fd}`, Open.WRITE | Open.NONBLOCK);
  if (opened < 0) return false;
  using end = new Descriptor(opened);
  // The writing end of a pipe has but one thing to tell: that it is broken.
  return waitReadable([end.fd], 0)[0]!;
}

/**
 * The pipe from a service to its logger that a former scan made, where one of them still has it.
 *
 * Not every pipe that they have is that one: it may be what the former scan had as its stdin or
 * stdout, which is somebody else's.
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
  // What only the service has is read by nobody any more.
  if (service && pipeOf(service, 1) && isUnread(service, 1)) return reopenPipe(service, 1);
  return undefined;
}
