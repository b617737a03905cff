import { close } from "../../os/file.ts";
import { Priority, reactor } from "../../os/reactor.ts";
import { receive, removeSocket } from "../../os/datagram_socket.ts";
import { LONGEST_NOTIFICATION, parseNotification } from "./notification.ts";
import { notifySocket } from "./notify_socket.ts";

/** Who sent a notification, as the kernel says: it can't be forged, except by root. */
export interface SdNotifySender {
  /** Process id; 0 for a process outside of this one's PID namespace. It may be gone by now. */
  readonly pid: number;
  /** User id. */
  readonly uid: number;
  /** Group id. */
  readonly gid: number;
}

/** A message of systemd's notification protocol. */
export interface SdNotification {
  /** Its assignments, as in `fields.get("READY") === "1"`. */
  readonly fields: ReadonlyMap<string, string>;
  /** Who sent it. */
  readonly sender: SdNotifySender;
}

/** How {@linkcode sdNotifyListener} listens. */
export interface SdNotifyListenerOptions {
  /**
   * A path, or `@` and the name of an abstract socket.
   *
   * @default {undefined} An abstract socket with a name of its own.
   */
  readonly address?: string;
  /**
   * Whose messages to take; the others are dropped.
   *
   * @default {() => true}
   */
  readonly accept?: (sender: SdNotifySender) => boolean;
}

/** The messages that come to a socket, in their order. Disposing of it closes the socket. */
export interface SdNotifyListener extends AsyncIterableIterator<SdNotification>, Disposable {
  /** The socket's address: what daemons are to find in `NOTIFY_SOCKET`. */
  readonly address: string;
}

class Listener implements SdNotifyListener {
  readonly address: string;
  readonly #socket: number;
  readonly #accept: (sender: SdNotifySender) => boolean;
  readonly #arrived: SdNotification[] = [];
  readonly #waiting: ((result: IteratorResult<SdNotification>) => void)[] = [];
  #closed = false;

  constructor({ address, accept }: SdNotifyListenerOptions) {
    const made = notifySocket(address);
    this.address = made.address;
    this.#socket = made.socket;
    this.#accept = accept ?? (() => true);
    reactor().watch(this.#socket, Priority.Readiness, () => this.#read());
  }

  #read(): void {
    while (!this.#closed) {
      using datagram = receive(this.#socket, LONGEST_NOTIFICATION);
      if (datagram === undefined) return;
      const { bytes, truncated, pid, uid, gid } = datagram;
      const sender = { pid, uid, gid };
      if (truncated || !this.#accept(sender)) continue;
      const fields = parseNotification(bytes);
      // It only asks for the descriptor that came with it to be closed, which happens here.
      if (fields.get("BARRIER") === "1") continue;
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#arrived.push({ fields, sender });
      else waiting({ done: false, value: { fields, sender } });
    }
  }

  next(): Promise<IteratorResult<SdNotification>> {
    const value = this.#arrived.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#closed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<SdNotification>> {
    this[Symbol.dispose]();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    reactor().unwatch(this.#socket);
    close(this.#socket);
    if (!this.address.startsWith("@")) removeSocket(this.address);
    for (const resolve of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
  }
}

/**
 * Listens to daemons that speak systemd's notification protocol.
 *
 * Messages come in the order in which they were sent, each with the sender as the kernel knows it.
 * One that is longer than 8192 bytes is dropped; descriptors that come along are closed. A sender that
 * waits for a barrier (`sd_notify_barrier`, and `systemd-notify` by itself) waits until its messages
 * have been taken from the socket.
 *
 * Linux only. Follows systemd's `sd_notify`.
 *
 * Permissions: `ffi`.
 *
 * @param options Where to listen, and to whom.
 * @returns The messages, and the address to give to daemons. It keeps the program alive until it is
 *   disposed of.
 * @throws {SystemError} when there can't be a socket of that address.
 *
 * @example
 * ```ts
 * import { sdNotify, sdNotifyListener } from "@sv/supervise";
 *
 * using listener = sdNotifyListener({ accept: ({ pid }) => pid === Deno.pid });
 * // Elsewhere, in a daemon that was started with NOTIFY_SOCKET=${listener.address}:
 * sdNotify("READY=1\nSTATUS=at your service", listener.address);
 *
 * for await (const { fields } of listener) {
 *   if (fields.get("READY") !== "1") continue;
 *   console.log(fields.get("STATUS")); // at your service
 *   break;
 * }
 * ```
 */
export function sdNotifyListener(options: SdNotifyListenerOptions = {}): SdNotifyListener {
  return new Listener(options);
}
