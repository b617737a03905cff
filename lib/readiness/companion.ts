/**
 * A process beside the daemon.
 *
 * Where s6 forks and lets the parent become the daemon, this program, which can't fork, starts itself
 * once more, hands that process what it has to watch, and becomes the daemon. Nothing has to wait for
 * the new process to get going: it is told of the daemon's death by a descriptor that was opened
 * before it was started, and the kernel hands over descriptors in one step with starting it.
 *
 * @module
 */

import { descriptorState, setInherited, waitReadable } from "../os/descriptor.ts";
import { CWD, Descriptor, Open, open, readNames } from "../os/file.ts";
import { openProcess, reap } from "../os/process.ts";
import { selfCommand } from "../os/runtime/self_command.ts";
import { PosixSpawner } from "../os/spawn/posix_spawner.ts";

/** The argument after a subcommand's name that makes it run as the process beside the daemon. */
const MARK = "--beside-daemon";

/** Where a companion finds what it was handed. */
export const HANDED = { first: 3, second: 4, third: 5 } as const;

/** What a process beside the daemon gets. */
export interface Companion {
  /** The subcommand of this program that it runs. */
  readonly name: string;
  /** The arguments of that. */
  readonly args: readonly string[];
  /** What it gets as the descriptors of {@linkcode HANDED}, in order. */
  readonly descriptors: readonly number[];
  /** Whether it is to be nobody's child, because the daemon does not reap children it does not know. */
  readonly orphan: boolean;
}

/**
 * Lets its child become this program once more and dies, which leaves that without a parent. Not `&`,
 * because the shell takes standard input, INT and QUIT away from what it runs in the background.
 */
const ORPHAN = ["/bin/sh", "-c", '(kill -KILL $$; exec "$@"); :', "sv"];

/** The descriptors, other than 0 to 2, that a program that is started now would inherit. */
function inheritedDescriptors(): number[] {
  using listing = new Descriptor(open(CWD, "/proc/self/fd", Open.READ | Open.DIRECTORY));
  return readNames(listing.fd, "/proc/self/fd").map(Number)
    .filter((fd) => fd > 2 && descriptorState(fd) === "inherited");
}

/** Starts a process beside the daemon that this process is about to become. */
export function startCompanion({ name, args, descriptors, orphan }: Companion): void {
  const argv = [...orphan ? ORPHAN : [], ...selfCommand(), name, MARK, ...args];
  // What the run script opened is the daemon's alone: a lock or a pipe must not live on beside it.
  const others = inheritedDescriptors();
  for (const fd of others) setInherited(fd, false);
  try {
    const { pid } = new PosixSpawner().spawn({
      argv,
      // What is handed over is not to be written to by chance.
      stdin: descriptors.includes(0) ? "null" : "inherit",
      stdout: descriptors.includes(1) ? "null" : "inherit",
      stderr: descriptors.includes(2) ? "null" : "inherit",
      descriptors: descriptors.map((source, index) => ({ source, target: HANDED.first + index })),
    });
    if (orphan) reapNow(pid);
  } finally {
    for (const fd of others) setInherited(fd, true);
  }
}

/** Waits for a child that ends at once. */
function reapNow(pid: number): void {
  using child = new Descriptor(openProcess(pid));
  while (reap(child.fd) === undefined) waitReadable([child.fd], 1000);
}

/**
 * The arguments of the process beside the daemon, or undefined in any other process.
 *
 * @param name The subcommand.
 * @param args What it was given. An executable that is called `s6-…` takes the subcommand's name, too,
 *   for an argument.
 */
export function companionArguments(name: string, args: readonly string[]): string[] | undefined {
  const own = args[0] === name ? args.slice(1) : args;
  return own[0] === MARK ? own.slice(1) : undefined;
}

/** Takes what a companion was handed: the programs that it starts get none of it. */
export function takeHanded(...fds: number[]): void {
  for (const fd of fds) setInherited(fd, false);
}
