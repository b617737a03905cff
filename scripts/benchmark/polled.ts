import { join } from "@std/path";
import { Listener } from "../../lib/fifodir/listener.ts";
import { waitReadable } from "../../lib/os/descriptor.ts";
import { control, makeFifodir, readStatus } from "../../mod.ts";
import type { Contestants } from "./contestants.ts";
import { awaitExit, DEADLINE, type Running, start } from "./measure.ts";

/** How long a poll waits after the answer to the one before, in milliseconds. */
export const WAITING = 10;

/** A program that polls the port of a service. */
export interface Polled {
  readonly name: string;
  /** The process that polls; its children that have ended count as well. */
  readonly pollingProcess: (supervisor: Running, daemon: number) => number;
  /** The supervisor's command line, without the directory. */
  readonly supervise: readonly string[];
  /** The words before the daemon in the last line of `run`. */
  readonly notifier: (port: number) => string;
  /** Further files of the service directory. */
  readonly files: (port: number) => Readonly<Record<string, string>>;
  /** Returns how many times it has polled so far. */
  readonly asked: (dir: string) => number;
}

/** Returns every form of `sv`, in the two ways in which it polls, and every s6. */
export function polledServices(
  { forms, s6 }: Contestants,
): { forms: Polled[]; references: Polled[] } {
  const options = (port: number) => `-s 0 -w ${WAITING} -n 0 --any-owner --tcp 127.0.0.1:${port}`;
  const child = (_: Running, daemon: number) =>
    Number(Deno.readTextFileSync(`/proc/${daemon}/task/${daemon}/children`).trim().split(" ")[0]);
  const tries = (dir: string) =>
    Number(/TRIES=(\d+)/.exec(Deno.readTextFileSync(`${dir}/supervise/readiness`))![1]);
  return {
    forms: forms.flatMap(({ name, sv }) => [
      {
        name: `${name}, the supervisor`,
        pollingProcess: ({ pid }: Running) => pid,
        supervise: [...sv, "supervise"],
        notifier: () => "",
        files: (port: number) => ({ "data/sv/notifyoncheck": options(port) }),
        asked: tries,
      },
      {
        name: `${name}, beside the daemon`,
        pollingProcess: child,
        supervise: [...sv, "supervise"],
        notifier: (port: number) => `${sv.join(" ")} notifyoncheck ${options(port)}`,
        files: () => ({}),
        asked: tries,
      },
    ]),
    references: s6.map(({ name, bin }) => ({
      name,
      pollingProcess: child,
      supervise: [join(bin, "s6-supervise")],
      notifier: () => `${join(bin, "s6-notifyoncheck")} -s 0 -w ${WAITING} -n 0`,
      // bash can connect to a port by itself: a poll is one process, and no more.
      files: (port: number) => ({
        "data/check": `#!/bin/bash\necho >>checks\n: 2>/dev/null </dev/tcp/127.0.0.1/${port}\n`,
      }),
      asked: (dir: string) => Deno.statSync(`${dir}/checks`).size,
    })),
  };
}

let count = 0;

/** A service that is being polled. */
export class PolledService implements Disposable {
  readonly dir: string;
  readonly #supervisor: Running;
  readonly #listener: Listener;
  readonly #polled: Polled;
  #heard = "";

  constructor(scratch: string, polled: Polled, port: number) {
    this.#polled = polled;
    this.dir = join(scratch, `polled-${count++}`);
    Deno.mkdirSync(`${this.dir}/data/sv`, { recursive: true });
    Deno.writeTextFileSync(`${this.dir}/notification-fd`, "3\n");
    Deno.writeTextFileSync(
      `${this.dir}/run`,
      `#!/bin/sh\nexec 2>/dev/null\nexec ${polled.notifier(port)} sleep 100000\n`,
    );
    Deno.chmodSync(`${this.dir}/run`, 0o755);
    for (const [name, text] of Object.entries(polled.files(port))) {
      Deno.writeTextFileSync(`${this.dir}/${name}`, text);
      if (text.startsWith("#!")) Deno.chmodSync(`${this.dir}/${name}`, 0o755);
    }
    makeFifodir(`${this.dir}/event`);
    this.#listener = new Listener(`${this.dir}/event`);
    this.#supervisor = start([...polled.supervise, this.dir]);
    this.until("u");
  }

  /** Waits for an event, and blocks the thread meanwhile. */
  until(event: string): void {
    while (!this.#heard.includes(event)) {
      if (!waitReadable([this.#listener.fd], DEADLINE)[0]) {
        throw new Error(`no event ${event} of a service polled by ${this.#polled.name}`);
      }
      this.#heard += String.fromCharCode(...this.#listener.read());
    }
    this.#heard = "";
  }

  /** The process that polls. */
  get pollingProcess(): number {
    return this.#polled.pollingProcess(this.#supervisor, readStatus(this.dir).pid);
  }

  /** Returns how many times the port was polled so far. */
  get asked(): number {
    return this.#polled.asked(this.dir);
  }

  [Symbol.dispose](): void {
    control(this.dir, "x", "k", "d");
    awaitExit(this.#supervisor);
    this.#listener[Symbol.dispose]();
  }
}
