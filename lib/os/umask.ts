import { libc } from "./libc.ts";

/**
 * Runs `call` with a umask. The umask belongs to the whole process: files that other threads make
 * meanwhile have it, too, so `call` must be short.
 */
export function withUmask<T>(mask: number, call: () => T): T {
  const former = libc.umask(mask);
  try {
    return call();
  } finally {
    libc.umask(former);
  }
}

/** Runs `call` with umask 0, so that the modes given are exact. */
export function withoutUmask<T>(call: () => T): T {
  return withUmask(0, call);
}

/** Returns the mode of files that this process makes: readable and writable but for its umask. */
export function newFileMode(): number {
  const mask = libc.umask(0);
  libc.umask(mask);
  return 0o666 & ~mask;
}
