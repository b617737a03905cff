import { CWD, Descriptor, Open, tryOpen } from "../../os/file.ts";
import { lockingProcess } from "../../os/lock.ts";
import { SupervisePath } from "../../servicedir/protocol.ts";

/**
 * Returns the process that has locked the journal of a service: the log process that writes its output.
 * Undefined where there is none, or this user may not know.
 *
 * @param path The service directory.
 */
export function journalHolder(path: string): number | undefined {
  const journal = `${path}/${SupervisePath.outputJournal}`;
  const fd = tryOpen(CWD, journal, Open.READ | Open.NOFOLLOW | Open.NONBLOCK);
  if (fd < 0) return undefined;
  using file = new Descriptor(fd);
  return lockingProcess(file.fd, journal);
}
