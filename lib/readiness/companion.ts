/**
 * The companion: a process beside the daemon, which finds out whether the daemon is ready.
 *
 * s6 forks, and the parent becomes the daemon. This program can't fork. It starts itself once more as
 * the companion, hands over the descriptors that the companion watches, and becomes the daemon. It need
 * not wait until the companion runs: the companion learns of the daemon's death by a descriptor that
 * was opened before, and gets its descriptors from the kernel in one step with being started.
 *
 * @module
 */

import { isInherited, setInherited, waitReadable } from "../os/descriptor.ts";
import { Descriptor } from "../os/file.ts";
import { openDescriptors } from "../os/open_descriptors.ts";
import { openProcess, reap } from "../os/process.ts";
import { selfCommand } from "../os/runtime/self_command.ts";
import { Signal } from "../os/signal.ts";
import { PosixSpawner } from "../os/spawn/posix_spawner.ts";

/** The argument after a subcommand's name that makes it run as the companion. */
const MARK = "--beside-daemon";

/** The numbers that the descriptors of a companion have there. */
export const HANDED = { first: 3, second: 4, third: 5 } as const;

/** How to start a companion. */
export interface Companion {
  /** The subcommand of this program that runs as the companion. */
  readonly name: string;
  /** The subcommand's arguments. */
  readonly args: readonly string[];
  /** The descriptors that it gets as those of {@linkcode HANDED}, in order. */
  readonly descriptors: readonly number[];
  /** Whether it has no parent here: a daemon does not reap children that it did not start. */
  readonly orphan: boolean;
}

/**
 * A shell that starts a child and kills itself, which leaves the child without a parent; the child
 * becomes this program. Not by `&`: in the background the shell takes away standard input, INT and QUIT.
 */
const ORPHAN = ["/bin/sh", "-c", '(kill -KILL $$; exec "$@"); :', "sv"];

/** Returns the descriptors above 2 that a program that is started now would inherit. */
function inheritedDescriptors(): number[] {
  return openDescriptors().filter((fd) => fd > 2 && isInherited(fd));
}

/** Starts the companion of the daemon that this process is about to become. */
export function startCompanion({ name, args, descriptors, orphan }: Companion): void {
  const argv = [...orphan ? ORPHAN : [], ...selfCommand(), name, MARK, ...args];
  // Locks and pipes that the run script opened belong to the daemon: they must end with it.
  const others = inheritedDescriptors();
  for (const fd of others) setInherited(fd, false);
  try {
    const { pid } = new PosixSpawner().spawn({
      argv,
      // At this signal the runtime would open a debugger's port (os/runtime/debugger.ts).
      blockedSignals: [Signal.USR1],
      // A handed descriptor below 3 is not also stdin, stdout or stderr: nothing may write to it by chance.
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
 * Returns the arguments of the companion; undefined where this process is none.
 *
 * @param name The subcommand, as the companion was started with it.
 * @param args Its arguments. Where the executable is called `s6-…` they start with the subcommand's
 *   name, as the companion was started with it.
 */
export function companionArguments(name: string, args: readonly string[]): string[] | undefined {
  const own = args[0] === name ? args.slice(1) : args;
  return own[0] === MARK ? own.slice(1) : undefined;
}

/** Keeps the handed descriptors from the programs that the companion starts. */
export function takeHanded(...fds: number[]): void {
  for (const fd of fds) setInherited(fd, false);
}
