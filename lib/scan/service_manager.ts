import { monotonicClock } from "../os/clock.ts";
import { setNonblocking } from "../os/descriptor.ts";
import { close } from "../os/file.ts";
import { datagramSocket, send } from "../os/datagram_socket.ts";
import { setVariable } from "../os/environment.ts";
import { cString, encodeOs } from "../os/os_string.ts";
import { processId } from "../os/process.ts";
import { reactor } from "../os/reactor.ts";
import { reasonOf } from "../os/system_error.ts";
import type { ScannedService } from "./scanned_service.ts";
import { WantedServices } from "./wanted_services.ts";

/** The variables by which a service manager tells how to reach it, which are for this process alone. */
const VARIABLES = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] as const;

/** Milliseconds from one status to the next, at least. */
const STATUS_INTERVAL = 1000;

/** A status names no more services than this. */
const MOST_NAMED = 5;

/** When the scan tells that it is ready: when it takes commands, or when all its services are ready. */
export type ReadyWhen = "scanning" | "services";

/** How to reach the service manager that has started this process. */
export interface ServiceManagerAddress {
  /** The address of its socket. */
  readonly socket: string;
  /** Milliseconds from one sign of life to the next; undefined: none is wanted. */
  readonly signOfLife: number | undefined;
  /** The variables as they were. */
  readonly variables: ReadonlyMap<string, string>;
}

/**
 * Takes the address of the service manager out of the environment: services must not get it.
 *
 * @returns The address; undefined where no service manager has started this process, or none that listens.
 */
export function takeServiceManager(): ServiceManagerAddress | undefined {
  const variables = new Map<string, string>();
  for (const name of VARIABLES) {
    const value = Deno.env.get(name);
    if (value !== undefined) variables.set(name, value);
  }
  const socket = variables.get("NOTIFY_SOCKET");
  if (socket === undefined) return undefined;
  for (const name of variables.keys()) setVariable(name, undefined);
  if (!/^[@/]./.test(socket)) return undefined;
  const watched = variables.get("WATCHDOG_PID");
  const microseconds = Number(variables.get("WATCHDOG_USEC") ?? NaN);
  const isOurs = watched === undefined || watched === String(processId());
  // Half of what the service manager waits: a sign of life that is late is still in time.
  const signOfLife = isOurs && microseconds > 0 ? microseconds / 2000 : undefined;
  return { socket, signOfLife, variables };
}

/**
 * The service manager that has started the scan, systemd say: it is told by the protocol of sd_notify how
 * the scan is. What can't be sent at once is not sent: no service manager can make the scan wait.
 */
export class ServiceManager {
  readonly #address: ServiceManagerAddress;
  readonly #when: ReadyWhen;
  readonly #wanted: WantedServices;
  readonly #report: (message: string) => void;
  #isReady: boolean;
  #isStopping = false;
  #isSilent = false;
  #status = "";
  #nextStatus: Disposable | undefined;

  /**
   * @param address How to reach it.
   * @param when When the scan counts as ready.
   * @param services Returns the services that the scan knows.
   * @param report Reports a message to the administrator.
   * @param wasReady Whether another program in this process has told that the scan is ready.
   */
  constructor(
    address: ServiceManagerAddress,
    when: ReadyWhen,
    services: () => Iterable<ScannedService>,
    report: (message: string) => void,
    wasReady: boolean,
  ) {
    this.#address = address;
    this.#when = when;
    this.#wanted = new WantedServices(services, () => {
      if (!this.#isReady && !this.#isStopping && this.#wanted.allReady) this.#becomeReady();
    });
    this.#report = report;
    this.#isReady = wasReady;
  }

  /** Whether it has been told that the scan is ready. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Begins: the scan takes commands. */
  begin(): void {
    if (this.#isReady || this.#when === "scanning") this.#becomeReady();
    this.#signOfLife();
    this.#wanted.lookSoon();
    this.#statusSoon();
  }

  /** Takes note that the state of a service has changed. */
  note(service: ScannedService): void {
    this.#wanted.note(service);
    this.#statusSoon();
  }

  #statusSoon(): void {
    if (this.#isStopping) return;
    this.#nextStatus ??= reactor().after(this.#status === "" ? 0 : STATUS_INTERVAL, () => {
      this.#nextStatus = undefined;
      this.#tellStatus();
    });
  }

  #becomeReady(): void {
    this.#isReady = true;
    this.#send("READY=1");
  }

  #tellStatus(): void {
    if (this.#isStopping) return;
    const { count, failed, pending } = this.#wanted;
    const named = (names: readonly string[]) =>
      names.length > MOST_NAMED
        ? `${names.slice(0, MOST_NAMED).join(", ")} and ${names.length - MOST_NAMED} more`
        : names.join(", ");
    const status = [
      `${count - pending.length} of ${count} services ready`,
      ...pending.length > 0 ? [`not ready: ${named(pending)}`] : [],
      ...failed.length > 0 ? [`failed: ${named(failed)}`] : [],
    ].join("; ");
    if (status === this.#status) return;
    this.#status = status;
    this.#send(`STATUS=${status}`);
  }

  /** Tells that everything is being brought down, or left alone. */
  stopping(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#wanted.end();
    this.#nextStatus?.[Symbol.dispose]();
    this.#send("STOPPING=1\nSTATUS=ending");
  }

  /**
   * Calls what makes another program of this process. That program finds the service manager in the
   * environment, and tells it when it goes on.
   *
   * @returns What the call returns, where it has failed.
   */
  whileReloading<T>(call: () => T): T {
    const microseconds = Math.floor(monotonicClock() * 1000);
    if (this.#isReady) this.#send(`RELOADING=1\nMONOTONIC_USEC=${microseconds}`);
    for (const [name, value] of this.#address.variables) setVariable(name, cString(value));
    try {
      return call();
    } finally {
      for (const name of this.#address.variables.keys()) setVariable(name, undefined);
      if (this.#isReady) this.#send("READY=1");
    }
  }

  #signOfLife(): void {
    const { signOfLife } = this.#address;
    if (signOfLife === undefined) return;
    this.#send("WATCHDOG=1");
    reactor().after(signOfLife, () => this.#signOfLife());
  }

  #send(message: string): void {
    const socket = datagramSocket();
    try {
      setNonblocking(socket, true);
      send(socket, this.#address.socket, encodeOs(message));
      this.#isSilent = false;
    } catch (error) {
      // A sign of life comes again and again.
      if (!this.#isSilent) {
        this.#report(`warning: cannot tell the service manager: ${reasonOf(error)}`);
      }
      this.#isSilent = true;
    } finally {
      close(socket);
    }
  }
}
