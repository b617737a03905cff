import { withUmask } from "../../os/umask.ts";
import { bindAnywhere, bindSocket, listeningSocket } from "../../os/datagram_socket.ts";

/** With this umask a socket file has mode 0666: to send to it is to write to it. */
const NO_EXECUTION = 0o111;

/** A socket for messages of systemd's protocol. */
export interface NotifySocket {
  /** The descriptor, close-on-exec. */
  readonly socket: number;
  /** Its address, as daemons need it in `NOTIFY_SOCKET`. */
  readonly address: string;
}

/**
 * Makes a socket for messages of systemd's protocol. Every process may send to it; the kernel adds the
 * sender to each message.
 *
 * @param address An absolute path, or `@` and a name; default: an abstract address of its own.
 */
export function notifySocket(address?: string): NotifySocket {
  const socket = listeningSocket();
  if (address === undefined) return { socket, address: bindAnywhere(socket) };
  withUmask(NO_EXECUTION, () => bindSocket(socket, address));
  return { socket, address };
}
