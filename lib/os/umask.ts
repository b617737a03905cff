import { libc } from "./libc.ts";

/** Runs `call` with umask 0, so that the modes given are exact. */
export function withoutUmask<T>(call: () => T): T {
  const mask = libc.umask(0);
  try {
    return call();
  } finally {
    libc.umask(mask);
  }
}
