import { join } from "@std/path";
import { Listener } from "../../lib/fifodir/listener.ts";
import { waitReadable } from "../../lib/os/descriptor.ts";
import { CWD, Open, open, writeAll } from "../../lib/os/file.ts";
import { control, type ControlCommand, makeFifodir, readStatus } from "../../mod.ts";
import type { Contestants } from "./contestants.ts";
import { awaitExit, DEADLINE, rest, type Running, start } from "./measure.ts";

const NEWLINE = new Uint8Array([10]);
let count = 0;

/** A service under a supervisor, which becomes ready when the measurement writes the newline. */
export class Supervised implements Disposable {
  /** The service directory. */
  readonly dir: string;
  /** The supervisor. */
  readonly supervisor: Running;
  readonly #listener: Listener;
  #pending = "";

  /**
   * @param scratch Where to make the service directory.
   * @param supervise The command that supervises; the directory is added to it.
   */
  constructor(scratch: string, supervise: readonly string[]) {
    this.dir = join(scratch, `service-${count++}`);
    Deno.mkdirSync(this.dir);
    Deno.writeTextFileSync(`${this.dir}/run`, "#!/bin/sh\nexec sleep 100000\n");
    Deno.chmodSync(`${this.dir}/run`, 0o755);
    Deno.writeTextFileSync(`${this.dir}/notification-fd`, "3\n");
    makeFifodir(`${this.dir}/event`);
    this.#listener = new Listener(`${this.dir}/event`);
    this.supervisor = start([...supervise, this.dir]);
    this.until("u");
  }

  /** Waits for an event, and blocks the thread meanwhile. */
  until(event: string): void {
    while (!this.#pending.includes(event)) {
      if (!waitReadable([this.#listener.fd], DEADLINE)[0]) throw new Error(`no event ${event}`);
      this.#pending += String.fromCharCode(...this.#listener.read());
    }
    this.#pending = this.#pending.slice(this.#pending.indexOf(event) + 1);
  }

  /** Writes commands into the control FIFO. */
  command(...commands: ControlCommand[]): void {
    control(this.dir, ...commands);
  }

  /** Restarts the service, and waits until its last program runs; it is not ready then. */
  async renew(): Promise<void> {
    this.command("k");
    this.until("D");
    this.command("u");
    this.until("u");
    const name = `/proc/${readStatus(this.dir).pid}/comm`;
    while (Deno.readTextFileSync(name) !== "sleep\n") await rest(1);
  }

  /** Opens the pipe on which the service tells that it is ready. */
  openNotification(): number {
    return open(CWD, `/proc/${readStatus(this.dir).pid}/fd/3`, Open.WRITE);
  }

  /** Writes the newline of readiness, and returns the time just before. */
  becomeReady(notification: number): number {
    const before = performance.now();
    writeAll(notification, NEWLINE, "the notification pipe");
    return before;
  }

  [Symbol.dispose](): void {
    this.command("x", "k", "d");
    awaitExit(this.supervisor);
    this.#listener[Symbol.dispose]();
  }
}

/** Returns each supervisor with a name: every form of `sv`, then every s6. */
export function supervisors({ forms, s6 }: Contestants) {
  return {
    forms: forms.map(({ name, sv }) => ({ name, command: [...sv, "supervise"] })),
    references: s6.map(({ name, bin }) => ({ name, command: [join(bin, "s6-supervise")] })),
  };
}

/** Calls `use` with a service under each supervisor, and ends them. */
export async function withSupervisors<T>(
  contestants: Contestants,
  use: (
    forms: readonly { readonly name: string; readonly service: Supervised }[],
    references: readonly { readonly name: string; readonly service: Supervised }[],
  ) => Promise<T>,
): Promise<T> {
  using stack = new DisposableStack();
  const launch = ({ name, command }: { name: string; command: string[] }) => ({
    name,
    service: stack.use(new Supervised(contestants.scratch, command)),
  });
  const { forms, references } = supervisors(contestants);
  return await use(forms.map(launch), references.map(launch));
}
