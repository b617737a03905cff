/**
 * The environment of this process, as C has it.
 *
 * @module
 */

import { addressOf } from "./libc.ts";

let environ: Deno.UnsafePointerView | undefined;

/** Returns the environment of this process, as C has it. Don't keep the pointer: a change of the environment may move it. */
export function environment(): Deno.PointerValue {
  environ ??= new Deno.UnsafePointerView(addressOf("environ")!);
  return environ.getPointer();
}

/** What C keeps pointers into. */
export let kept: readonly unknown[] = [];

/**
 * Replaces the environment of this process.
 *
 * @param block The entries, each followed by a NUL, as in /proc/PID/environ. Each stays what it is, be it
 *   no UTF-8, without a name, or there twice.
 * @param without Leaves out what begins like this (ASCII).
 */
export function replaceEnvironment(block: Uint8Array, without: string): void {
  const strings = new Uint8Array(block);
  const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(strings));
  const pointers: bigint[] = [];
  for (let at = 0, end; (end = strings.indexOf(0, at)) >= 0; at = end + 1) {
    const start = String.fromCharCode(...strings.subarray(at, Math.min(end, at + without.length)));
    if (start !== without) pointers.push(address + BigInt(at));
  }
  const array = BigUint64Array.from([...pointers, 0n]);
  kept = [strings, array];
  // `environ` is a variable of C: the address of the array.
  const environ = Deno.UnsafePointerView.getArrayBuffer(addressOf("environ")!, 8);
  new BigUint64Array(environ)[0] = Deno.UnsafePointer.value(Deno.UnsafePointer.of(array));
}
