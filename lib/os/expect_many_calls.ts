/**
 * For a program that is about to make thousands of calls of the C library: those of {@linkcode libc.ts} that
 * it has not made yet are compiled at once.
 *
 * @module
 */

export { expectManyCalls } from "./libc.ts";
