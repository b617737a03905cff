/**
 * Sessions, process groups, and the terminal that they have.
 *
 * @module
 */

import { libc } from "./libc.ts";
import { check } from "./system_error.ts";

/** Makes this process the leader of a new session, without a terminal. */
export function startSession(): void {
  check(libc.setsid(), "start a session");
}

/** Makes this process the leader of a new process group of its session. */
export function startProcessGroup(): void {
  check(libc.setpgid(0, 0), "start a process group");
}

/**
 * Makes the process group of this process, its leader, the one in the foreground of a terminal. Unless it
 * ignores SIGTTOU, the kernel stops a process in the background that does so.
 */
export function takeTerminal(terminal: number): void {
  check(
    libc.tcsetpgrp(terminal, libc.getpid()),
    `put the process group into the foreground of the terminal on descriptor ${terminal}`,
  );
}
