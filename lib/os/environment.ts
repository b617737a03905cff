/**
 * The environment of this process, as C has it.
 *
 * @module
 */

import { addressOf, libc } from "./libc.ts";
import { cString } from "./os_string.ts";
import { check, Errno, SystemError } from "./system_error.ts";

/** `environ`, C's variable: the address of an array of pointers to strings. */
let environ: BigUint64Array | undefined;

function variable(): BigUint64Array {
  return environ ??= new BigUint64Array(
    Deno.UnsafePointerView.getArrayBuffer(addressOf("environ")!, 8),
  );
}

/** Returns the address of this process's environment, as C has it. Don't keep it: a change of the environment may move it. */
export function environment(): bigint {
  return variable()[0]!;
}

/**
 * Replaces the environment of this process.
 *
 * Its memory is C's: the runtime reads the environment until its very end, when all memory of this program's
 * objects is given back already.
 *
 * @param block The entries, each followed by a NUL, as in /proc/PID/environ. Each stays what it is, be it
 *   no UTF-8, without a name, or there twice.
 * @param without Leaves out what begins like this (ASCII).
 */
export function replaceEnvironment(block: Uint8Array, without: string): void {
  const starts: number[] = [];
  for (let at = 0, end; (end = block.indexOf(0, at)) >= 0; at = end + 1) {
    let same = 0;
    while (same < without.length && block[at + same] === without.charCodeAt(same)) same++;
    if (same < without.length) starts.push(at);
  }
  const pointerBytes = (starts.length + 1) * BigUint64Array.BYTES_PER_ELEMENT;
  const size = pointerBytes + block.length;
  const memory = libc.malloc(size);
  if (memory === null) throw new SystemError("replace the environment", Errno.ENOMEM);
  const view = Deno.UnsafePointerView.getArrayBuffer(memory, size);
  new Uint8Array(view, pointerBytes).set(block);
  const address = Deno.UnsafePointer.value(memory);
  const strings = address + BigInt(pointerBytes);
  new BigUint64Array(view, 0, starts.length + 1)
    .set([...starts.map((at) => strings + BigInt(at)), 0n]);
  variable()[0] = address;
}

/**
 * Sets a variable of this process's environment, or removes it, however often it is there.
 *
 * @param name Its name: not empty, and without `=`.
 * @param value Its value as C has it, which need not be UTF-8, ended by a NUL; undefined: none.
 */
export function setVariable(name: string, value: Uint8Array<ArrayBuffer> | undefined): void {
  const cName = cString(name);
  check(libc.unsetenv(cName), `remove ${name} from the environment`);
  if (value !== undefined) check(libc.setenv(cName, value, 1), `put ${name} into the environment`);
}
