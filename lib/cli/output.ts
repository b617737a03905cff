import { writeAll } from "../os/file.ts";
import { encodeOs } from "../os/os_string.ts";

/** Writes text to standard output at once, whatever bytes its paths are made of. */
export function print(text: string): void {
  writeAll(1, encodeOs(text), "to standard output");
}

/** Writes one line to standard error. */
export function complain(text: string): void {
  try {
    writeAll(2, encodeOs(text + "\n"), "to standard error");
  } catch {
    // There is nobody left to tell.
  }
}

/** What an error says, to follow the name of a program and a colon. */
export function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /^[A-Z][a-z]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text;
}
