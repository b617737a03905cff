import { pipe, waitReadable } from "../../os/descriptor.ts";
import { close } from "../../os/file.ts";
import { encodeOs } from "../../os/os_string.ts";
import { datagramSocket, send } from "../../os/datagram_socket.ts";

/**
 * Sends a message of systemd's notification protocol.
 *
 * Follows systemd's `sd_notify`.
 *
 * Permissions: `ffi`, and `env` where no address is given.
 *
 * @param message Lines of `NAME=value`, as in `"READY=1\nSTATUS=at your service"`.
 * @param address The receiver's address; default: `NOTIFY_SOCKET` in the environment.
 * @returns Whether it was sent: false where neither `address` nor the environment names a receiver.
 * @throws {SystemError} when it can't be sent.
 *
 * @example
 * ```ts
 * import { sdNotify } from "@sv/supervise";
 *
 * const server = Deno.serve({ port: 0, onListen() {} }, () => new Response("hello"));
 * sdNotify("READY=1");
 * await server.shutdown();
 * ```
 */
export function sdNotify(message: string, address?: string): boolean {
  const receiver = address ?? Deno.env.get("NOTIFY_SOCKET");
  if (!receiver) return false;
  const socket = datagramSocket();
  try {
    send(socket, receiver, encodeOs(message));
  } finally {
    close(socket);
  }
  return true;
}

/**
 * Sends a message, and waits until the receiver has handled it: systemd looks the sender up in /proc,
 * where it must still be then.
 *
 * @param message Lines of `NAME=value`.
 * @param address The receiver's address.
 * @param milliseconds The longest time to wait.
 * @returns Whether the receiver has handled it in time.
 */
export function sdNotifyAndWait(message: string, address: string, milliseconds: number): boolean {
  const socket = datagramSocket();
  const { read, write } = pipe();
  try {
    send(socket, address, encodeOs(message));
    // The receiver handles messages in order, and closes the descriptor that comes with this one.
    send(socket, address, encodeOs("BARRIER=1"), write);
  } finally {
    close(socket);
    close(write);
  }
  try {
    return waitReadable([read], milliseconds)[0]!;
  } finally {
    close(read);
  }
}
