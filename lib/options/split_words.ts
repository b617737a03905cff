import { UsageError } from "./usage_error.ts";

/** Matches one piece of a line: blanks, a comment, or a piece of a word. */
const PIECE = /(\s+)|((?<!\S)#[^\n]*)|'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])|([^\s'"\\]+)/y;

/**
 * Splits a text into words, as a shell does: at blanks and newlines, with quotes of both kinds and
 * backslashes; `#` at the beginning of a word starts a comment. Variables and patterns stay as they
 * are.
 *
 * @param text The text.
 * @throws {UsageError} when a quote is not closed.
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  const end = () => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  for (let at = 0; at < text.length; at = PIECE.lastIndex) {
    PIECE.lastIndex = at;
    const piece = PIECE.exec(text);
    if (piece === null) {
      throw new UsageError(`a quote is not closed: ${text.slice(at).split("\n", 1)[0]}`);
    }
    const [whole, blank, comment, single, double, escaped] = piece;
    if (blank !== undefined) end();
    else if (comment !== undefined || escaped === "\n") continue;
    else {
      const plain = single ?? double?.replace(/\\(?:\n|(["\\$`]))/g, "$1") ?? escaped ?? whole;
      word = (word ?? "") + plain;
    }
  }
  end();
  return words;
}
