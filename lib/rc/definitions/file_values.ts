import { MAX_UNSIGNED } from "../../os/limits.ts";

function unsigned(text: string): number | undefined {
  const [digits] = text.split("\0", 1);
  const value = Number(digits);
  return /^\d+$/.test(digits!) && value <= MAX_UNSIGNED ? value : undefined;
}

/**
 * Returns the unsigned integer in a file of a service directory: its first line, as s6 reads it. Returns
 * undefined where that is none.
 */
export function parseSetting(text: string): number | undefined {
  return unsigned(text.split("\n", 1)[0]!);
}

/**
 * Returns the unsigned integer in `timeout-up` or `timeout-down`: the whole text but for empty lines at
 * its end, as s6-rc-compile reads it. Returns undefined where that is none.
 */
export function parseTimeout(text: string): number | undefined {
  return unsigned(text.replace(/\n+$/, ""));
}

/** How many bytes of a file `type` s6-rc-compile reads. */
const TYPE_BYTES = 8;

/** Returns what kind of service a file `type` names, as s6-rc-compile reads it. */
export function parseType(text: string): string | undefined {
  const [type] = text.slice(0, TYPE_BYTES).replace(/\n$/, "").split("\0");
  return ["longrun", "oneshot", "bundle"].find((known) => known === type);
}
