/** How standard output, or standard error, is shown to its reader. */
export interface Terminal {
  /** How many characters fit on a line; undefined where it is no terminal. */
  readonly width: number | undefined;
  /** Whether colours are used: on a terminal that has them, unless NO_COLOR is set. */
  readonly colors: boolean;
}

/** Returns how standard output is shown. */
export function terminal(): Terminal {
  return terminalAt(Deno.stdout);
}

/** Returns how standard output, or standard error, is shown. */
export function terminalAt(stream: { isTerminal(): boolean }): Terminal {
  if (!stream.isTerminal()) return { width: undefined, colors: false };
  const colors = !Deno.env.get("NO_COLOR") && Deno.env.get("TERM") !== "dumb";
  try {
    // A terminal that does not tell its size says 0.
    return { width: Deno.consoleSize().columns || undefined, colors };
  } catch {
    return { width: undefined, colors };
  }
}
