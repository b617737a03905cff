import { decodeOs, encodeOs } from "../../os/os_string.ts";
import type { Instant } from "../../tai/tai64n.ts";

/** How many bytes the head of a journal has: they are written at once, in place. */
export const JOURNAL_HEAD_BYTES = 512;

/** Why lines can't be written, and since when. */
export interface Obstacle {
  /** Since when. */
  readonly since: Instant;
  /** The reason. */
  readonly reason: string;
}

/** The head of a journal. Places are counted from the beginning of the file. */
export interface JournalHead {
  /** Up to where everything is written. */
  readonly done: number;
  /** Up to where a write has begun. */
  readonly upto: number;
  /** The write that has begun, where `upto` is not `done`. */
  readonly write?: {
    /** When its lines were read. */
    readonly instant: Instant;
    /** How they are written. */
    readonly format: string;
    /** The inode of the file that it goes to. */
    readonly inode: string;
    /** The size of that file before it. */
    readonly position: number;
  };
  /** Where the journal ends, though the file may be longer. */
  readonly length?: number;
  /** Why nothing can be written at present. */
  readonly obstacle?: Obstacle;
}

const MAGIC = "sv-output 1";
const FIRST =
  /^sv-output 1 (\d{1,15}) (\d{1,15}) (\d{1,15}|-)(?: (\d{1,20}) (\w{1,8}) (\d{1,20}) (\d{1,15}))?$/;

/** Returns the bytes of a head. */
export function packHead(
  { done, upto, write, length, obstacle }: JournalHead,
): Uint8Array<ArrayBuffer> {
  const begun = write === undefined
    ? ""
    : ` ${write.instant} ${write.format} ${write.inode} ${write.position}`;
  const trouble = obstacle === undefined
    ? ""
    : `${obstacle.since} ${obstacle.reason.replaceAll("\n", " ")}`;
  const text = `${MAGIC} ${done} ${upto} ${length ?? "-"}${begun}\n${trouble}`;
  const bytes = new Uint8Array(JOURNAL_HEAD_BYTES).fill(0x20);
  // The newline at the end shows that the head is whole.
  bytes.set(encodeOs(text).subarray(0, JOURNAL_HEAD_BYTES - 1));
  bytes[JOURNAL_HEAD_BYTES - 1] = 0x0a;
  return bytes;
}

/** Reads a head; undefined where the bytes are none. */
export function unpackHead(bytes: Uint8Array): JournalHead | undefined {
  if (bytes.length < JOURNAL_HEAD_BYTES || bytes[JOURNAL_HEAD_BYTES - 1] !== 0x0a) return undefined;
  const [first = "", second = ""] = decodeOs(bytes.subarray(0, JOURNAL_HEAD_BYTES)).split("\n");
  const fields = FIRST.exec(first.trimEnd());
  if (fields === null) return undefined;
  const [, done, upto, length, instant, format, inode, position] = fields;
  if (Number(done) < JOURNAL_HEAD_BYTES || Number(upto) < Number(done)) return undefined;
  const [, since, reason] = /^(\d{1,20}) (.*)$/.exec(second.trimEnd()) ?? [];
  return {
    done: Number(done),
    upto: Number(upto),
    ...length !== "-" && { length: Number(length) },
    ...instant !== undefined && {
      write: {
        instant: BigInt(instant),
        format: format!,
        inode: inode!,
        position: Number(position),
      },
    },
    ...since !== undefined && { obstacle: { since: BigInt(since), reason: reason! } },
  };
}
