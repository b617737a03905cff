/** Sequences that terminals send for keys without a character. */
const SEQUENCES: Readonly<Record<string, string>> = {
  "\x1b[A": "up",
  "\x1bOA": "up",
  "\x1b[B": "down",
  "\x1bOB": "down",
  "\x1b[5~": "page up",
  "\x1b[6~": "page down",
  "\x1b[H": "home",
  "\x1bOH": "home",
  "\x1b[1~": "home",
  "\x1b[F": "end",
  "\x1bOF": "end",
  "\x1b[4~": "end",
};

const CHARACTERS: Readonly<Record<string, string>> = {
  "\r": "enter",
  "\n": "enter",
  "\x7f": "backspace",
  "\b": "backspace",
  "\x03": "q",
  "\x04": "q",
};

/**
 * Returns the keys in what a terminal has sent: characters, or names such as `up`. Sequences of other keys
 * are dropped.
 */
export function keysIn(text: string): string[] {
  const keys: string[] = [];
  // deno-lint-ignore no-control-regex
  for (const [key] of text.matchAll(/\x1b[[O][0-9;]*[A-Za-z~]|\x1b|[^]/gu)) {
    if (key === "\x1b") keys.push("escape");
    else if (key.startsWith("\x1b")) {
      const name = SEQUENCES[key];
      if (name !== undefined) keys.push(name);
    } else {
      const name = CHARACTERS[key] ?? (key >= " " ? key : undefined);
      if (name !== undefined) keys.push(name);
    }
  }
  return keys;
}
