/** A text breaks a rule of execline. */
export class ExeclineError extends Error {
  override name = "ExeclineError";

  /**
   * @param message What is wrong, as the end of a sentence.
   * @param line The number of the line, from 1.
   */
  constructor(message: string, readonly line: number) {
    super(message);
  }
}

/** A text of execline, as words. */
export interface ExeclineText {
  /** Its words, as a program gets them: those in a block have a space in front for each block. */
  readonly words: readonly Uint8Array<ArrayBuffer>[];
  /** Whether it has a block in braces. */
  readonly hasBlock: boolean;
}

const NEWLINE = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMENT = 0x23;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** What a backslash and a letter mean between quotes. */
const CONTROLS: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
};

/** The bytes that a number after a backslash may have, by its base. */
const NUMBERS = [
  { base: 16, form: /^0x([0-9a-fA-F]{1,2})/ },
  { base: 8, form: /^0([0-7]{1,3})/ },
  { base: 10, form: /^([1-9][0-9]{0,2})/ },
] as const;

/** The longest number after a backslash. */
const LONGEST_NUMBER = 4;

/**
 * Splits a text into words as execlineb does: at white space, with quotes, backslashes, comments and
 * blocks in braces. The text ends at its first NUL.
 *
 * @param text The text.
 * @throws {ExeclineError} where it breaks the rules.
 */
export function parseExecline(text: Uint8Array): ExeclineText {
  return new Reader(text).read();
}

class Reader {
  readonly #text: Uint8Array;
  readonly #words: Uint8Array<ArrayBuffer>[] = [];
  /** The lines in which the open blocks begin. */
  readonly #blocks: number[] = [];
  #hasBlock = false;
  #at = 0;
  #line = 1;
  /** The line in which the word begins that was read last. */
  #wordLine = 1;
  /** The bytes of the word that is being read. */
  #word: number[] | undefined;
  /** Whether the word is so far a brace without quotes and backslashes. */
  #plain = true;

  constructor(text: Uint8Array) {
    const end = text.indexOf(0);
    this.#text = end < 0 ? text : text.subarray(0, end);
  }

  read(): ExeclineText {
    for (let byte = this.#next(); byte !== undefined; byte = this.#next()) {
      if (this.#word === undefined && byte > SPACE) this.#wordLine = this.#line;
      if (byte <= SPACE) this.#endWord();
      else if (byte === COMMENT && this.#word === undefined) this.#skipComment();
      else if (byte === QUOTE) this.#readQuoted();
      else if (byte === BACKSLASH) this.#readEscaped();
      else (this.#word ??= []).push(byte);
    }
    if (this.#isBrace(OPEN)) throw this.#error(`the text ends after "{"`);
    this.#endWord();
    const open = this.#blocks.at(-1);
    if (open !== undefined) throw new ExeclineError(`a "{" is never closed`, open);
    return { words: this.#words, hasBlock: this.#hasBlock };
  }

  #next(): number | undefined {
    const byte = this.#text[this.#at++];
    if (byte === NEWLINE) this.#line++;
    return byte;
  }

  #error(message: string): ExeclineError {
    return new ExeclineError(message, this.#line);
  }

  #isBrace(brace: number): boolean {
    return this.#plain && this.#word?.length === 1 && this.#word[0] === brace;
  }

  #endWord(): void {
    if (this.#word === undefined) return;
    if (this.#isBrace(OPEN)) {
      this.#blocks.push(this.#wordLine);
      this.#hasBlock = true;
    } else if (this.#isBrace(CLOSE)) {
      if (this.#blocks.pop() === undefined) {
        throw new ExeclineError(`a "}" closes nothing`, this.#wordLine);
      }
      // A block ends by a word of its own, which is empty but for the spaces.
      this.#push([]);
    } else this.#push(this.#word);
    this.#word = undefined;
    this.#plain = true;
  }

  #push(word: readonly number[]): void {
    this.#words.push(Uint8Array.of(...this.#blocks.map(() => SPACE), ...word));
  }

  #skipComment(): void {
    while (this.#at < this.#text.length && this.#next() !== NEWLINE);
  }

  /** Reads what follows a backslash outside quotes. */
  #readEscaped(): void {
    const byte = this.#next();
    if (this.#word === undefined) {
      // Between words, it may stand before the end of a line, and before that of the text.
      if (byte === NEWLINE || byte === undefined) return;
      this.#word = [];
    } else if (byte === undefined) throw this.#error("the text ends after a backslash in a word");
    this.#plain = false;
    this.#word.push(byte);
  }

  #readQuoted(): void {
    const begin = this.#line;
    const word = this.#word ??= [];
    this.#plain = false;
    for (;;) {
      const byte = this.#next();
      if (byte === QUOTE) return;
      if (byte === undefined) throw new ExeclineError("a double quote is never closed", begin);
      if (byte !== BACKSLASH) word.push(byte);
      else if (this.#readEscapedInQuotes(word) && this.#at >= this.#text.length) return;
    }
  }

  /** Reads what follows a backslash between quotes. Returns whether that is a number. */
  #readEscapedInQuotes(word: number[]): boolean {
    const rest = String.fromCharCode(
      ...this.#text.subarray(this.#at, this.#at + LONGEST_NUMBER),
    );
    const [first] = rest;
    if (first === undefined || !/[0-9]/.test(first)) {
      const byte = this.#next();
      if (byte !== undefined && byte !== NEWLINE) word.push(CONTROLS[first!] ?? byte);
      return false;
    }
    for (const { base, form } of NUMBERS) {
      const [all, digits] = form.exec(rest) ?? [];
      if (digits === undefined) continue;
      const value = parseInt(digits, base);
      if (value < 1 || value > 255) throw this.#error(`\\${all} is no number from 1 to 255`);
      this.#at += all!.length;
      word.push(value);
      return true;
    }
    throw this.#error(`\\${rest} between quotes is no number`);
  }
}
