import { close, Open, tryOpen, tryRead } from "../../os/file.ts";
import { cString } from "../../os/os_string.ts";
import { SupervisePath } from "../../servicedir/protocol.ts";
import type { Instant } from "../../tai/tai64n.ts";
import { JOURNAL_HEAD_BYTES, type Obstacle, unpackHead } from "./journal_head.ts";

/** A write that takes longer than this is worth a word. */
const LONG = 2_000_000_000n;

const JOURNAL = cString(SupervisePath.outputJournal);

/**
 * Returns why a service's log stands still, and since when, as its log process has noted it; undefined
 * where it does not, or the service is not logged by one.
 *
 * @param directory The service directory, open.
 * @param now The time.
 */
export function readLogTrouble(directory: number, now: Instant): Obstacle | undefined {
  const fd = tryOpen(directory, JOURNAL, Open.READ | Open.NONBLOCK);
  if (fd < 0) return undefined;
  const bytes = new Uint8Array(JOURNAL_HEAD_BYTES);
  const count = tryRead(fd, bytes);
  close(fd);
  const head = unpackHead(bytes.subarray(0, Math.max(count, 0)));
  if (head?.obstacle !== undefined) return head.obstacle;
  const write = head !== undefined && head.upto > head.done ? head.write : undefined;
  if (write === undefined || now - write.instant < LONG) return undefined;
  return { since: write.instant, reason: "a write has not returned" };
}
