import { CWD, Open, tryOpen } from "../../os/file.ts";
import { secondsOfLocalTime } from "../../os/local_time.ts";
import { decodeOs } from "../../os/os_string.ts";
import type { Instant } from "../../tai/tai64n.ts";
import { compressionOf, PlainContent } from "./log_content.ts";
import { type LogPlace, openLog } from "./open_log.ts";
import { StampReader } from "./stamps.ts";

/** How much of the end of each file is looked at. */
const TAIL_BYTES = 16_384;
/** The longest line that is kept. */
const LONGEST_LINE = 500;
const NEWLINE = 10;

/** A line that a service has printed. */
export interface PrintedLine {
  /** The line, without its stamp. */
  readonly text: string;
  /** When it was written; undefined where no stamp tells. */
  readonly time: Instant | undefined;
}

/** Returns the last lines of a file, the oldest first; none where it is compressed. */
function tail(content: PlainContent, stamps: StampReader): PrintedLine[] {
  if (compressionOf(content) !== undefined) return [];
  const from = Math.max(content.size - TAIL_BYTES, 0);
  const bytes = content.read(from, content.size);
  const lines: PrintedLine[] = [];
  // The first line may be cut.
  let at = from === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
  while (at < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline < 0 ? bytes.length : newline;
    const line = bytes.subarray(at, end);
    const stamp = stamps.read(line);
    const text = line.subarray(stamp?.end ?? 0).subarray(0, LONGEST_LINE);
    lines.push({ text: decodeOs(text), time: stamp?.time });
    at = end + 1;
  }
  return lines;
}

/**
 * Returns the last lines of a log, the oldest first; fewer where there are no more within a bounded part of
 * its last files, of which those that are compressed are left out.
 *
 * @param place Where the log is.
 * @param most The most lines.
 * @throws {SystemError} where it can't be read.
 */
export function lastLines(place: LogPlace, most: number): PrintedLine[] {
  const stamps = new StampReader(secondsOfLocalTime);
  let found: PrintedLine[] = [];
  using log = openLog(place);
  for (const content of [log.current, log.previous]) {
    if (content !== undefined && found.length < most) found = [...tail(content, stamps), ...found];
  }
  for (const { name } of log.archives.toReversed()) {
    if (found.length >= most) break;
    const path = `${place.directory}/${name}`;
    // A link leads out of the directory.
    const fd = tryOpen(CWD, path, Open.READ | Open.NONBLOCK | Open.NOFOLLOW);
    if (fd < 0) continue;
    const content = new PlainContent(fd, path);
    try {
      found = [...tail(content, stamps), ...found];
    } finally {
      content[Symbol.dispose]();
    }
  }
  return found.slice(-most);
}
