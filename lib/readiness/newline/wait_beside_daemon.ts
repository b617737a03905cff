import { waitReadable } from "../../os/descriptor.ts";
import { isExiting } from "../../os/is_exiting.ts";
import { isSupervised } from "../../servicedir/is_supervised.ts";
import { deadlineAfter } from "../../waiting/wait.ts";
import { waitBlocking } from "../../waiting/wait_blocking.ts";
import { HANDED, takeHanded } from "../companion.ts";
import { NewlinePipe } from "./await_newline.ts";
import { declareReady } from "./declare_ready.ts";
import { drain } from "./drain.ts";

/** The exit codes of this process, those of s6-notifywhenup's child. */
const EXIT = { ready: 0, closed: 1, late: 99 } as const;

/** Milliseconds in which a daemon that has closed its files by dying is dead, where `/proc` can't tell. */
const DYING = 100;

/** What {@linkcode waitBesideDaemon} waits for, and what it does then. */
export interface WaitBesideDaemonOptions {
  /** The daemon's process id in the PID namespace of `/proc`. */
  readonly pid: number;
  /** The fifodir that gets the event. */
  readonly fifodir: string;
  /** Milliseconds after which to give up; 0: never. */
  readonly timeout: number;
}

/** Returns whether the daemon is dead. */
function isDead(milliseconds = 0): boolean {
  return waitReadable([HANDED.second], milliseconds)[0]!;
}

/** Returns whether the daemon lives, and is not about to end. */
function livesOn(pid: number): boolean {
  const exiting = isExiting(pid);
  // The pidfd is asked last: the process id may be another process's by now.
  return !exiting && !isDead(exiting === undefined ? DYING : 0);
}

/** Returns whether a supervisor runs that knows of the daemon's death. */
function deathIsKnown(): boolean {
  return isDead() && isSupervised(".");
}

/**
 * Waits until the daemon beside which this process runs writes a newline, or writes anything and closes
 * the pipe, and declares the service ready. Then reads the pipe to its end.
 *
 * A daemon that has closed the pipe by dying is not ready. Nor is one that has died since it wrote the
 * newline, where a supervisor runs: the event would be about the next daemon.
 *
 * @returns The exit code, where this process has not become another program.
 */
export function waitBesideDaemon({ pid, fifodir, timeout }: WaitBesideDaemonOptions): number {
  takeHanded(HANDED.first, HANDED.second);
  const pipe = new NewlinePipe(HANDED.first);
  const came = waitBlocking([pipe], pipe, deadlineAfter(timeout)) ? pipe.came! : "late";
  const ready = came === "newline"
    ? !deathIsKnown()
    : came === "closed" && pipe.written && livesOn(pid);
  if (ready) declareReady(fifodir, pid);
  if (came !== "closed") drain(HANDED.first);
  return ready ? EXIT.ready : came === "late" ? EXIT.late : EXIT.closed;
}
