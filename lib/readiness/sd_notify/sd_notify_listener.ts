import { close } from "../../os/file.ts";
import { Priority } from "../../os/reactor.ts";
import { receive, removeSocket } from "../../os/datagram_socket.ts";
import { AsyncQueue } from "../../waiting/async_queue.ts";
import type { Source } from "../../waiting/wait.ts";
import { waitOnReactor } from "../../waiting/wait_on_reactor.ts";
import { LONGEST_NOTIFICATION, parseNotification } from "./notification.ts";
import { notifySocket } from "./notify_socket.ts";

/** The sender of a notification, as the kernel gives it: only root can forge it. */
export interface SdNotifySender {
  /** Process id; 0 for a process outside of this one's PID namespace. It may have ended by now. */
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
  /** Its sender. */
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
   * Decides by the sender whether a message is taken; the others are dropped.
   *
   * @default {() => true}
   */
  readonly accept?: (sender: SdNotifySender) => boolean;
}

/** The messages that a socket receives, in order. Disposing of it closes the socket. */
export interface SdNotifyListener extends AsyncIterableIterator<SdNotification>, Disposable {
  /** The socket's address, which daemons need in `NOTIFY_SOCKET`. */
  readonly address: string;
}

/** The socket as the source of a wait: each read takes one message. */
class MessageSource implements Source<SdNotification | undefined> {
  readonly fd: number;
  readonly #accept: (sender: SdNotifySender) => boolean;

  constructor(fd: number, accept: (sender: SdNotifySender) => boolean) {
    this.fd = fd;
    this.#accept = accept;
  }

  /** Returns undefined where no message has come, or one that is dropped. */
  read(): SdNotification | undefined {
    using datagram = receive(this.fd, LONGEST_NOTIFICATION);
    if (datagram === undefined) return undefined;
    const { bytes, truncated, pid, uid, gid } = datagram;
    const sender = { pid, uid, gid };
    if (truncated || !this.#accept(sender)) return undefined;
    const fields = parseNotification(bytes);
    // A barrier only asks for the descriptor that came with it to be closed: `using` does that.
    return fields.get("BARRIER") === "1" ? undefined : { fields, sender };
  }
}

/** The queue behind {@linkcode sdNotifyListener}. */
class ReceivedNotifications extends AsyncQueue<SdNotification> implements SdNotifyListener {
  readonly address: string;

  constructor({ address, accept = () => true }: SdNotifyListenerOptions) {
    const resources = new DisposableStack();
    super(() => resources.dispose());
    const made = notifySocket(address);
    this.address = made.address;
    resources.defer(() => {
      close(made.socket);
      if (!made.address.startsWith("@")) removeSocket(made.address);
    });
    const push = {
      receive: (_index: number, notification: SdNotification | undefined) => {
        if (notification !== undefined) this.push(notification);
      },
      done: false,
    };
    const source = new MessageSource(made.socket, accept);
    resources.use(waitOnReactor([source], push, Infinity, (ending) => {
      if (ending.how === "failed") this.fail(ending.error);
    }, Priority.Readiness));
  }
}

/**
 * Listens to daemons that speak systemd's notification protocol.
 *
 * Messages come in the order in which they were sent, each with the sender that the kernel added.
 * Messages longer than 8192 bytes are dropped; descriptors that come with them are closed. A sender that
 * waits for a barrier (by `sd_notify_barrier`; `systemd-notify` always does) waits until its messages
 * have been taken from the socket.
 *
 * Linux only. Follows systemd's `sd_notify`.
 *
 * Permissions: `ffi`.
 *
 * @param options The address, and which senders to accept.
 * @returns The messages, and the address to give to daemons. It keeps the program alive until it is
 *   disposed of.
 * @throws {SystemError} when a socket of that address can't be made.
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
  return new ReceivedNotifications(options);
}
