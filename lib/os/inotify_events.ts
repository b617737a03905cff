import { decodeOs } from "./os_string.ts";

/** The bytes of a `struct inotify_event` before its name. */
const HEAD = 16;

/** What inotify(7) tells of a directory that is watched. */
export interface InotifyEvent {
  /** The number of the watch; -1 where the event is about none. */
  readonly watch: number;
  /** What has happened, as bits. */
  readonly mask: number;
  /** The file in the directory; empty where it is the directory itself. */
  readonly name: string;
}

/** Returns the events that a read of an inotify descriptor has put at the beginning of a buffer. */
export function* inotifyEvents(
  buffer: Uint8Array<ArrayBuffer>,
  count: number,
): Generator<InotifyEvent> {
  const view = new DataView(buffer.buffer);
  for (let at = 0; at < count;) {
    const length = view.getUint32(at + 12, true);
    const bytes = buffer.subarray(at + HEAD, at + HEAD + length);
    const end = bytes.indexOf(0);
    yield {
      watch: view.getInt32(at, true),
      mask: view.getUint32(at + 4, true),
      name: decodeOs(end < 0 ? bytes : bytes.subarray(0, end)),
    };
    at += HEAD + length;
  }
}
