// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g;

/** Whether a text has control characters, a line's end among them. */
export function hasControls(text: string): boolean {
  return text.search(CONTROLS) >= 0;
}

/** Makes a text that others have written fit on a line: control characters become spaces. */
export function oneLine(text: string): string {
  return text.replace(CONTROLS, " ").trim();
}
