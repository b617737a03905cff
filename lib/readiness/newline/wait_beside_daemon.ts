import { close, tryRead } from "../../os/file.ts";
import { setNonblocking } from "../../os/descriptor.ts";
import { Priority, reactor } from "../../os/reactor.ts";
import { Errno } from "../../os/system_error.ts";
import { announceReadiness } from "./declare_ready.ts";
import { HANDED, takeHanded } from "../companion.ts";

const NEWLINE = 0x0a;

/** How this process ends, as s6-notifywhenup's child. */
const EXIT = { newline: 0, closed: 1, late: 99 } as const;

/** Waits for a newline on a descriptor, and closes that. */
function newlineOn(fd: number, timeout: number): Promise<keyof typeof EXIT> {
  const { promise, resolve } = Promise.withResolvers<keyof typeof EXIT>();
  const buffer = new Uint8Array(4096);
  setNonblocking(fd, true);
  const end = (how: keyof typeof EXIT) => {
    reactor().unwatch(fd);
    timer?.[Symbol.dispose]();
    close(fd);
    resolve(how);
  };
  const timer = timeout === 0 ? undefined : reactor().after(timeout, () => end("late"));
  reactor().watch(fd, Priority.Readiness, () => {
    for (;;) {
      const count = tryRead(fd, buffer);
      if (count === -Errno.EAGAIN) return;
      if (count <= 0) return end("closed");
      if (buffer.subarray(0, count).includes(NEWLINE)) return end("newline");
    }
  });
  return promise;
}

/**
 * Waits for the daemon's newline beside it, and makes it known.
 *
 * @param fifodir Who listens there is told.
 * @param timeout Milliseconds after which to give up; 0: never.
 * @returns The exit code.
 */
export async function awaitNewline(fifodir: string, timeout: number): Promise<number> {
  takeHanded(HANDED.first);
  const how = await newlineOn(HANDED.first, timeout);
  if (how === "newline") announceReadiness(fifodir);
  return EXIT[how];
}
