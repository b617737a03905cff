import { CWD } from "../../os/file.ts";
import { decodeOs, encodeOs } from "../../os/os_string.ts";
import { Access, accessErrno } from "../../os/path.ts";
import { candidates } from "../../os/spawn/exec.ts";
import { ExeclineError, type ExeclineText, parseExecline } from "./execline.ts";

/** The script of a oneshot can't be run. */
export class ScriptError extends Error {
  override name = "ScriptError";
}

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
 * @param instance The name that the script gets as $1, where the oneshot is an instance.
 * @returns The command line; empty if the script has no command.
 * @throws {ScriptError} when it is more than a plain command line and there is no execlineb.
 */
export function scriptCommand(
  text: string,
  path: string,
  execlineb: string | undefined,
  instance?: string,
): readonly string[] {
  if (execlineb === undefined) {
    const words = splitCommandLine(text, path);
    if (instance === undefined) return words;
    return words.map((word) => word.replaceAll(/\$\{1\}|\$1$/g, () => instance));
  }
  if (/^(\s|#.*)*$/.test(text)) return [];
  return instance === undefined
    ? [execlineb, "-Pc", text]
    : [execlineb, "-S1", "-c", text, instance];
}

/**
 * Splits a plain command line into words: separated by white space, with double quotes, backslashes
 * and comments as execline has them.
 *
 * @param text The command line.
 * @param path The file that it was read from, for errors.
 */
export function splitCommandLine(text: string, path: string): string[] {
  let parsed: ExeclineText;
  try {
    parsed = parseExecline(encodeOs(text));
  } catch (error) {
    if (error instanceof ExeclineError) {
      throw new ScriptError(`Cannot run ${path}: ${error.message}`);
    }
    throw error;
  }
  if (parsed.hasBlock) {
    throw new ScriptError(
      `Cannot run ${path}: its block in braces needs execlineb, which is not on PATH; install ` +
        `execline, or write one command line, as in: /bin/sh -c "…"`,
    );
  }
  return parsed.words.map(decodeOs);
}
