import { CWD } from "../../os/file.ts";
import { Access, accessErrno } from "../../os/path.ts";
import { candidates } from "../../os/spawn/exec.ts";

/** The script of a oneshot can't be run. */
export class ScriptError extends Error {
  override name = "ScriptError";
}

const NAMED: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  s: " ",
  t: "\t",
  v: "\v",
};

/** Returns the path of execlineb, or undefined where it is not installed. */
export function findExeclineb(path = Deno.env.get("PATH")): string | undefined {
  return candidates("execlineb", path).find((file) => accessErrno(CWD, file, Access.EXECUTE) === 0);
}

/**
 * Returns the command line that runs the script of a oneshot. Where execlineb is installed, that
 * reads the script; else the script must be one plain command line.
 *
 * @param text The script.
 * @param path The file that it was read from, for errors.
 * @param execlineb The path of execlineb, if it is installed.
 * @returns The command line; empty if the script has no command.
 * @throws {ScriptError} when it is more than a plain command line and there is no execlineb.
 */
export function scriptCommand(
  text: string,
  path: string,
  execlineb: string | undefined,
): readonly string[] {
  if (execlineb === undefined) return splitCommandLine(text, path);
  return /^(\s|#.*)*$/.test(text) ? [] : [execlineb, "-Pc", text];
}

/**
 * Splits a plain command line into words: separated by white space, with double quotes, backslashes
 * and comments as execline has them.
 *
 * @param text The command line.
 * @param path The file that it was read from, for errors.
 */
export function splitCommandLine(text: string, path: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quoted = false;
  let plain = true;
  let at = 0;
  const end = () => {
    if (word === undefined) return;
    if (plain && (word === "{" || word === "}")) {
      throw new ScriptError(
        `Cannot run ${path}: its block in braces needs execlineb, which is not on PATH; install ` +
          `execline, or write one command line, as in: /bin/sh -c "…"`,
      );
    }
    words.push(word);
    word = undefined;
    plain = true;
  };
  while (at < text.length) {
    const character = text[at++]!;
    if (character === "\\") {
      const [decoded, length] = unescape(text, at, quoted);
      at += length;
      word = (word ?? "") + decoded;
      plain = false;
    } else if (character === '"') {
      quoted = !quoted;
      word ??= "";
      plain = false;
    } else if (quoted) word = (word ?? "") + character;
    else if (/[ \t\r\n]/.test(character)) end();
    else if (character === "#" && word === undefined) {
      while (at < text.length && text[at] !== "\n") at++;
    } else word = (word ?? "") + character;
  }
  if (quoted) throw new ScriptError(`Cannot run ${path}: a double quote is never closed`);
  end();
  return words;
}

/** Decodes what follows a backslash. Returns a character, and how many characters it took. */
function unescape(text: string, at: number, quoted: boolean): [string, number] {
  const next = text[at];
  if (next === undefined) return ["", 0];
  if (!quoted) return [next, 1];
  if (next === "\n") return ["", 1];
  const number = /^(0x[0-9a-fA-F]{1,2}|0[0-7]{0,3}|[1-9]\d{0,2})/.exec(text.slice(at))?.[0];
  if (number !== undefined) {
    const octal = /^0[0-7]/.test(number);
    const code = octal ? parseInt(number, 8) : Number(number);
    return [String.fromCharCode(code & 255), number.length];
  }
  return [NAMED[next] ?? next, 1];
}
