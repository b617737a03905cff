/**
 * Closing descriptors that another process has sent.
 *
 * close(2) waits for the linger time of a socket, and for the file system of a file, which may be a
 * program of the sender's. Only of a pipe it is known not to wait.
 *
 * @module
 */

import { close } from "./file.ts";
import { libc } from "./libc.ts";

const F_GETPIPE_SZ = 1032;
const SOL_SOCKET = 1;
const SO_LINGER = 13;

/** `struct linger` of a socket that doesn't. */
const NO_LINGER = new Uint8Array(8);

/** More are not kept: the descriptors of a message that comes then are left to the kernel. */
const MOST_WAITING = 256;

/** Descriptors that wait for the thread that closes them, one after the other. */
const waiting: number[] = [];
let closing = false;

/** Whether further descriptors can be discarded without waiting. */
export function canDiscard(): boolean {
  return waiting.length < MOST_WAITING;
}

/** Closes a descriptor: a pipe at once, anything else on another thread. */
export function discard(fd: number): void {
  if (libc.fcntl(fd, F_GETPIPE_SZ, 0n) > 0) return close(fd);
  libc.setsockopt(fd, SOL_SOCKET, SO_LINGER, NO_LINGER, NO_LINGER.length);
  waiting.push(fd);
  void closeWaiting();
}

async function closeWaiting(): Promise<void> {
  if (closing) return;
  closing = true;
  while (waiting.length > 0) await libc.close_async(waiting.shift()!);
  closing = false;
}
