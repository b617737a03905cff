/**
 * Connections to servers. The reactor waits for them, not the runtime, so that they work while the main
 * thread sleeps there; and each costs only a few system calls.
 *
 * @module
 */

import { awaitDescriptor } from "./await_descriptor.ts";
import { close, CWD, Descriptor, Open, open } from "./file.ts";
import { libc } from "./libc.ts";
import { encodeOs } from "./os_string.ts";
import { socketAddress } from "./datagram_socket.ts";
import { check, Errno, lastErrno } from "./system_error.ts";

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_ERROR = 4;
const LONGEST_PATH = 107;

type Bytes = Uint8Array<ArrayBuffer>;

/** Connects by a path through /proc, which is short; the directory stays open until the call is over. */
function connectLongPath(socket: number, path: string): number {
  const slash = path.lastIndexOf("/");
  const directory = slash < 0 ? "." : path.slice(0, slash) || "/";
  using parent = new Descriptor(open(CWD, directory, Open.READ | Open.DIRECTORY));
  const address = socketAddress(`/proc/self/fd/${parent.fd}/${path.slice(slash + 1)}`);
  return libc.connect(socket, address, address.length);
}

/**
 * Connects to a server.
 *
 * @param address The server's `struct sockaddr`, as from `resolveAddress`.
 * @param signal Aborting it ends the attempt; the promise is then rejected with its reason.
 * @returns A descriptor, non-blocking and close-on-exec; or `-errno` where there is no connection.
 */
export function tryConnect(address: Bytes, signal: AbortSignal): Promise<number> {
  const family = new DataView(address.buffer).getUint16(0, true);
  return connect(family, (socket) => libc.connect(socket, address, address.length), signal);
}

/**
 * Connects to a server on this machine by the path of its socket, of whatever length, or by `@` and
 * the name of an abstract socket. The rest is as with {@linkcode tryConnect}.
 */
export function tryConnectToPath(path: string, signal: AbortSignal): Promise<number> {
  return connect(AF_UNIX, (socket) => {
    if (!path.startsWith("@") && encodeOs(path).length > LONGEST_PATH) {
      return connectLongPath(socket, path);
    }
    const address = socketAddress(path);
    return libc.connect(socket, address, address.length);
  }, signal);
}

async function connect(
  family: number,
  begin: (socket: number) => number,
  signal: AbortSignal,
): Promise<number> {
  signal.throwIfAborted();
  const socket = libc.socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return -lastErrno();
  let connected = false;
  try {
    let errno = begin(socket) === 0 ? 0 : lastErrno();
    if (errno === Errno.EINPROGRESS || errno === Errno.EINTR) {
      await awaitDescriptor(socket, "write", signal);
      errno = socketError(socket);
    }
    connected = errno === 0;
    return connected ? socket : -errno;
  } finally {
    if (!connected) close(socket);
  }
}

/** Whether the other end of a connection was closed without a proper end: its process has died, say. */
export function isReset(socket: number): boolean {
  return socketError(socket) !== 0;
}

/** Returns the errno of a connection that was begun, or has broken; 0 where there is none. */
function socketError(socket: number): number {
  const error = new Int32Array(1);
  const length = new Uint32Array([4]);
  check(
    libc.getsockopt(
      socket,
      SOL_SOCKET,
      SO_ERROR,
      new Uint8Array(error.buffer),
      new Uint8Array(length.buffer),
    ),
    "read the state of a connection",
  );
  return error[0]!;
}
