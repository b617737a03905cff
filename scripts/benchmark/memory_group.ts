/**
 * A control group with a limit of memory, in either version of the kernel's interface.
 *
 * @module
 */

import { existsSync } from "@std/fs/exists";
import { rest } from "./measure.ts";

const MOUNT = "/sys/fs/cgroup";

/** Where a group can be made, and what its files are called. */
interface Interface {
  /** The group to make it in. */
  readonly parent: string;
  readonly limit: string;
  /** The file with the number of processes that the kernel has killed for want of memory. */
  readonly events: string;
}

/** Returns the interface to limits of memory here. */
function find(): Interface {
  const groups = Deno.readTextFileSync("/proc/self/cgroup");
  const one = /^\d+:memory:(.*)$/m.exec(groups)?.[1];
  if (one !== undefined) {
    return {
      parent: `${MOUNT}/memory${one}`,
      limit: "memory.limit_in_bytes",
      events: "memory.oom_control",
    };
  }
  if (!existsSync(`${MOUNT}/cgroup.controllers`)) {
    throw new Error("there are no control groups for memory");
  }
  // Only the group at the top may have both processes and groups with limits.
  return { parent: MOUNT, limit: "memory.max", events: "memory.events" };
}

let made = 0;

/** A control group with a limit of memory; what still runs in it is killed at the end. */
export class MemoryGroup implements AsyncDisposable {
  readonly #interface = find();
  readonly #path = `${this.#interface.parent}/sv-bench.${Deno.pid}.${made++}`;

  /** @param limit The limit, in bytes. */
  constructor(limit: number) {
    Deno.mkdirSync(this.#path);
    try {
      Deno.writeTextFileSync(`${this.#path}/${this.#interface.limit}`, String(limit));
    } catch (error) {
      Deno.removeSync(this.#path);
      throw error;
    }
  }

  /** Returns a command line that runs a command in the group. */
  inside(command: readonly string[]): [string, ...string[]] {
    return ["/bin/sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"', this.#path, ...command];
  }

  /** Returns how many processes the kernel has killed for want of memory. */
  get killed(): number {
    const events = Deno.readTextFileSync(`${this.#path}/${this.#interface.events}`);
    return Number(/^oom_kill (\d+)$/m.exec(events)![1]);
  }

  /** Returns why no limit can be set here; undefined where it can. */
  static async unavailable(): Promise<string | undefined> {
    try {
      await using _group = new MemoryGroup(1 << 26);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (;;) {
      const pids = Deno.readTextFileSync(`${this.#path}/cgroup.procs`).split("\n").filter(Boolean);
      if (pids.length === 0) break;
      for (const pid of pids) {
        try {
          Deno.kill(Number(pid), "SIGKILL");
        } catch {
          // It has just ended.
        }
      }
      await rest(10);
    }
    // The kernel frees a group a moment after its last process.
    for (let tries = 0;; tries++) {
      try {
        Deno.removeSync(this.#path);
        return;
      } catch (error) {
        if (tries === 100) throw error;
        await rest(20);
      }
    }
  }
}
