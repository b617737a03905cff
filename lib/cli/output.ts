import { writeAll } from "../os/file.ts";
import { encodeOs } from "../os/os_string.ts";

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

/**
 * Returns the message of an error, with a small first letter: it follows a program's name and a
 * colon.
 */
export function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /^[A-Z][a-z]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text;
}
