import { type Example, exampleText } from "./example.ts";

/** What a command says of itself. */
export interface SelfDescription {
  /** What follows its name in the line of usage. */
  readonly usage: string;
  /** Its help. */
  readonly help: string;
}

/** Returns the help of a command, with its line of usage and its examples. */
export function helpText(
  program: string,
  { usage, help }: SelfDescription,
  examples: readonly Example[],
  also: readonly string[] = [],
): string {
  const names = also.length === 0 ? "" : `also: ${also.join(", ")}\n`;
  return `usage: ${program} ${usage}\n${names}\n${help.trim()}\n${exampleText(examples)}`;
}
