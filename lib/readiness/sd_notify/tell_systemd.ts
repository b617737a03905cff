import { monotonicClock } from "../../os/clock.ts";
import { waitReadable } from "../../os/descriptor.ts";
import { close, tryRead } from "../../os/file.ts";
import { HANDED, takeHanded } from "../companion.ts";
import { sdNotifyAndWait } from "./sd_notify.ts";

const NEWLINE = 0x0a;

/** How this process ends, as the child of s6-notify-socket-from-fd. */
const EXIT = { told: 0, closed: 1, late: 99 } as const;

/** Longest wait for a receiver that does not know about barriers, in milliseconds. */
const BARRIER = 5000;

/** Waits for a newline from the daemon. */
function awaitNewline(fd: number, deadline: number): keyof typeof EXIT {
  const buffer = new Uint8Array(4096);
  for (;;) {
    const left = deadline - monotonicClock();
    if (left <= 0) return "late";
    // Waits for less than a month at a time, if need be.
    if (!waitReadable([fd], Math.min(left, 1 << 30))[0]) continue;
    const count = tryRead(fd, buffer);
    if (count <= 0) return "closed";
    if (buffer.subarray(0, count).includes(NEWLINE)) return "told";
  }
}

/** What to wait for, and whom to tell. */
export interface TellSystemdOptions {
  /** The daemon. */
  readonly pid: number;
  /** The address of the socket where systemd listens. */
  readonly address: string;
  /** When to give up, on the monotonic clock in milliseconds; Infinity: never. */
  readonly deadline: number;
}

/**
 * Waits for the daemon's newline beside it, and tells systemd.
 *
 * @returns The exit code.
 */
export function tellSystemd({ pid, address, deadline }: TellSystemdOptions): number {
  takeHanded(HANDED.first);
  const outcome = awaitNewline(HANDED.first, deadline);
  close(HANDED.first);
  if (outcome !== "told") return EXIT[outcome];
  const left = Math.max(0, Math.min(BARRIER, deadline - monotonicClock()));
  const seen = sdNotifyAndWait(`READY=1\nMAINPID=${pid}\n`, address, left);
  return seen ? EXIT.told : EXIT.late;
}
