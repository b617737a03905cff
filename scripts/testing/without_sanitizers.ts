/**
 * Turns off the sanitizers of `Deno.test` for `deno test --preload`. Older versions of Deno have them
 * on by default, and take the C library, which is loaded once and kept, for a leak. Where leaks matter,
 * the tests read the kernel's list of open descriptors.
 *
 * @module
 */

const register = Deno.test as (...args: unknown[]) => void;
const off = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };

const test = Object.assign((...args: unknown[]) => {
  const fn = args.find((arg) => typeof arg === "function");
  const name = args.find((arg) => typeof arg === "string");
  const options = args.find((arg) => typeof arg === "object");
  const definition = { ...off, ...options as object };
  register({ ...definition, ...name ? { name } : {}, ...fn ? { fn } : {} });
}, Deno.test);

Object.assign(Deno, { test });
