import { encodeOs } from "../os/os_string.ts";
import { tryWriteNow } from "../os/write_now.ts";
import { messagePrefix } from "./program.ts";

/** How many lines of {@linkcode complainNow} were lost since the last one that was not. */
let lost = 0;

/**
 * Writes one line to standard error, without waiting for its reader: for programs that have other
 * things to do. What there is no room for is lost, and the next line is preceded by the number.
 */
export function complainNow(text: string): void {
  const before = lost === 0 ? "" : `${text.split(":", 1)[0]}: warning: ${lost} lines were lost\n`;
  let written = false;
  try {
    written = tryWriteNow(2, encodeOs(`${before}${text}\n`));
  } catch {
    // Standard error is closed.
  }
  lost = written ? 0 : lost + 1;
}

/** Does the same with a message, after this program's name. */
export function reportNow(message: string): void {
  complainNow(`${messagePrefix()}: ${message}`);
}
