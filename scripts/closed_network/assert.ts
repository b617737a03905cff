/**
 * `@std/assert` on a closed network: the npm package has no types, so TypeScript takes everything
 * in it for `any`. That does everywhere but here: only a declared type tells TypeScript that a
 * value is not undefined after `assert(value !== undefined)`.
 *
 * @module
 */

import * as untyped from "npm:deno-std@1.3.1/assert/mod.js";

export {
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
} from "npm:deno-std@1.3.1/assert/mod.js";

/** Throws an error with a message where a condition is false. */
export const assert: (condition: unknown, message?: string) => asserts condition = untyped.assert;
