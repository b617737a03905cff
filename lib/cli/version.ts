/** The version of `sv`; the one in `deno.json` is the same. */
export const VERSION = "0.1.0";
