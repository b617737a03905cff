import { monotonicClock } from "../../os/clock.ts";
import { HANDED, takeHanded } from "../companion.ts";
import { awaitNewline } from "../newline/await_newline.ts";
import { drain } from "../newline/drain.ts";
import { sdNotifyAndWait } from "./sd_notify.ts";

/** The exit codes of this process, those of s6-notify-socket-from-fd's child. */
const EXIT = { newline: 0, closed: 1, late: 99 } as const;

/** Milliseconds to wait at most: a receiver that does not know about barriers never answers. */
const BARRIER = 5000;

/** What {@linkcode tellSystemd} waits for, and where it sends the message. */
export interface TellSystemdOptions {
  /** The daemon's process id. */
  readonly pid: number;
  /** The address of the socket where systemd listens. */
  readonly address: string;
  /** When to give up, on the monotonic clock in milliseconds; Infinity: never. */
  readonly deadline: number;
}

/**
 * Waits for the newline of the daemon beside which this process runs, and tells systemd. Then reads
 * the pipe to its end. Text without a newline doesn't count, as in s6-notify-socket-from-fd.
 *
 * @returns The exit code.
 */
export function tellSystemd({ pid, address, deadline }: TellSystemdOptions): number {
  takeHanded(HANDED.first);
  const came = awaitNewline(HANDED.first, deadline);
  if (came !== "newline") return EXIT[came];
  const left = Math.max(0, Math.min(BARRIER, deadline - monotonicClock()));
  const seen = sdNotifyAndWait(`READY=1\nMAINPID=${pid}\n`, address, left);
  drain(HANDED.first);
  return seen ? EXIT.newline : EXIT.late;
}
