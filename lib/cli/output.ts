import { writeAll } from "../os/file.ts";
import { encodeOs } from "../os/os_string.ts";
import { reasonOf } from "../os/system_error.ts";
import { messagePrefix } from "./program.ts";

/** Writes text to standard output, unbuffered. Paths that are not UTF-8 keep their bytes. */
export function print(text: string): void {
  writeAll(1, encodeOs(text), "to standard output");
}

/** Writes one line to standard error. */
export function complain(text: string): void {
  try {
    writeAll(2, encodeOs(text + "\n"), "to standard error");
  } catch {
    // Standard error is closed or full, and there is no other place for a message.
  }
}

/** Writes a line to standard error that begins with this program's name. */
export function say(message: string): void {
  complain(`${messagePrefix()}: ${message}`);
}

/** Warns of an error, or of what a text says, in a line on standard error. */
export function warn(problem: unknown): void {
  say(`warning: ${typeof problem === "string" ? problem : reasonOf(problem)}`);
}
