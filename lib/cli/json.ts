import { print } from "./output.ts";

/** The version of all objects that commands print: docs/json.md says what it promises. */
export const JSON_VERSION = 1;

/** Prints an object as JSON, on a line, with the version first. What is not Unicode is replaced. */
export function printJson(fields: Readonly<Record<string, unknown>>): void {
  const text = JSON.stringify(
    { version: JSON_VERSION, ...fields },
    (_, value) => typeof value === "string" ? value.toWellFormed() : value,
  );
  print(`${text}\n`);
}
