import { confirmed } from "../../../lib/os/runtime/confirmed.ts";

/** Makes a call, and makes sure of its errno where it fails, as lib/os/libc.ts does. */
export function makeSure(call: () => number | bigint, errno: () => number): unknown {
  const result = call();
  return result === -1 || result === -1n ? confirmed(errno(), call, errno, result) : result;
}
