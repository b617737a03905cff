import { subscribe, type Subscription } from "../../mod.ts";
import { PidfdDeaths } from "../../lib/os/spawn/deaths.ts";
import { CommandSpawner } from "../../lib/os/spawn/command_spawner.ts";
import { PosixSpawner } from "../../lib/os/spawn/posix_spawner.ts";
import type { Spawner } from "../../lib/os/spawn/spawner.ts";
import { Service } from "../../lib/supervise/service.ts";
import { openDescriptors } from "../support/open_descriptors.ts";
import { until } from "../support/until.ts";
import { within } from "../support/within.ts";

/** The ways to start a program, by name. */
export const SPAWNERS: Readonly<Record<string, () => Spawner>> = {
  "Deno.Command": () => new CommandSpawner(),
  "posix_spawn": () => new PosixSpawner(),
};

/** A `run` that is ready at once. */
export const READY_AT_ONCE = "echo >&3\nexec 3>&-\nexec sleep 1000";

/** Waits until no more descriptors are open than `count`: the runtime closes some of its own late. */
export function openDescriptorsAreAtMost(count: number): Promise<boolean> {
  return until(() => openDescriptors().size <= count, `at most ${count} descriptors`);
}

/** A service directory for one test, and the events of the service. */
export class TestService implements Disposable {
  /** Its path. */
  readonly dir: string;
  /** Its supervisor's warnings. */
  readonly warnings: string[] = [];
  #events: Subscription | undefined;
  #supervisor: Service | undefined;
  #ended: Promise<void> | undefined;

  /** @param files Names and contents; `run` and `finish` get a first line and are executable. */
  constructor(files: Readonly<Record<string, string>>) {
    this.dir = Deno.makeTempDirSync({ prefix: "sv test " });
    for (const [name, content] of Object.entries(files)) this.write(name, content);
  }

  /** Makes or changes a file of the service directory. */
  write(name: string, content: string): void {
    const path = `${this.dir}/${name}`;
    const program = name === "run" || name === "finish";
    Deno.writeTextFileSync(path, program ? `#!/bin/sh\n${content}\n` : content);
    if (program) Deno.chmodSync(path, 0o755);
  }

  /** Returns the content of a file of the service directory, without the last newline. */
  read(name: string): string {
    return Deno.readTextFileSync(`${this.dir}/${name}`).trimEnd();
  }

  /** Supervises it, and listens to its fifodir from the first event on. */
  start(spawner: Spawner = new CommandSpawner()): Service {
    Deno.mkdirSync(`${this.dir}/event`, { recursive: true });
    this.#events = subscribe(`${this.dir}/event`);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ended = promise;
    return this.#supervisor = new Service(this.dir, {
      name: "the name",
      spawner,
      deaths: new PidfdDeaths(),
      report: (message) => this.warnings.push(message),
      onExit: resolve,
    });
  }

  /** Waits for the end of the supervision. */
  ended(): Promise<void> {
    return within(this.#ended!, "the end of the supervision");
  }

  /** Sends commands to its supervisor. */
  command(bytes: string): void {
    this.#supervisor!.command(new TextEncoder().encode(bytes));
  }

  /** Ends the supervision at once, and leaves the service alone. */
  quit(): void {
    this.#supervisor!.signal("QUIT");
    this.#events?.[Symbol.dispose]();
  }

  /** Returns all events up to one of those in `last`. */
  async until(last: string): Promise<string> {
    let events = "";
    for (;;) {
      const what = `'${last}' after '${events}'`;
      const { value } = await within(this.#events!.next(), what);
      events += value;
      if (last.includes(value as string)) return events;
    }
  }

  [Symbol.dispose](): void {
    this.#supervisor?.command(new TextEncoder().encode("kx"));
    this.#supervisor?.signal("QUIT");
    this.#events?.[Symbol.dispose]();
    Deno.removeSync(this.dir, { recursive: true });
  }
}
