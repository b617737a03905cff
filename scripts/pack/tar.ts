/**
 * Archives in the format of POSIX (ustar), of files that belong to root and are all of one time.
 *
 * @module
 */

/** An archive consists of blocks of this length. */
export const BLOCK = 512;

/** 2000-01-01 in UTC: the same always, so that archives of the same files are equal. */
const TIME = 946_684_800;
/** The longest name that a header has room for without a prefix. */
const LONGEST_NAME = 100;

/** A file or a directory of an archive. */
export interface Entry {
  /** Its path, with a slash at the end for a directory. */
  readonly name: string;
  readonly mode: number;
  /** Its length; default: 0. */
  readonly length?: number;
  readonly directory?: boolean;
}

/** Returns the header of an entry, which its content follows, filled up to a whole block. */
export function header(
  { name, mode, length = 0, directory = false }: Entry,
): Uint8Array<ArrayBuffer> {
  if (name.length > LONGEST_NAME) throw new Error(`Cannot archive ${name}: its path is too long`);
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string) => block.set(new TextEncoder().encode(text), at);
  const number = (at: number, digits: number, value: number) =>
    put(at, value.toString(8).padStart(digits, "0"));
  put(0, name);
  number(100, 7, mode);
  number(108, 7, 0);
  number(116, 7, 0);
  number(124, 11, length);
  number(136, 11, TIME);
  // The sum is that of the header with spaces in the place of the sum.
  put(148, " ".repeat(8));
  put(156, directory ? "5" : "0");
  put(257, "ustar\0" + "00");
  put(265, "root");
  put(297, "root");
  number(329, 7, 0);
  number(337, 7, 0);
  number(148, 6, block.reduce((sum, byte) => sum + byte, 0));
  block[154] = 0;
  return block;
}
