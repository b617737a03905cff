/** An example of a command. */
export interface Example {
  /** What one wants to do. */
  readonly purpose: string;
  /** The command line that does it. */
  readonly line: string;
}

/** Returns examples as the end of a help; empty where there are none. */
export function exampleText(examples: readonly Example[]): string {
  if (examples.length === 0) return "";
  const lines = examples.map(({ purpose, line }) => `  ${purpose}\n    ${line}\n`);
  return `\nExamples:\n${lines.join("")}`;
}
