import { replaceDescriptor } from "../../os/descriptor.ts";
import { close, CWD, Open, open, tryRead } from "../../os/file.ts";
import { exec } from "../../os/spawn/exec.ts";

/** A program that reads its standard input to its end, and needs little memory for it. */
const READER = ["cat"];

/**
 * Reads a pipe to its end, so that a daemon that goes on writing gets no SIGPIPE. This process becomes
 * `cat` for that, where there is one: it takes a megabyte of memory at most, and ends when the last
 * process that could write has ended or has closed the pipe.
 *
 * @param pipe The reading end.
 */
export function drain(pipe: number): void {
  const nowhere = open(CWD, "/dev/null", Open.WRITE);
  replaceDescriptor(0, pipe);
  replaceDescriptor(1, nowhere);
  // A logger ends when no process can write to it any more: this one is not to keep it.
  replaceDescriptor(2, nowhere);
  close(nowhere);
  exec(READER);
  const buffer = new Uint8Array(4096);
  while (tryRead(0, buffer) > 0);
}
