/**
 * Datagram sockets of the UNIX domain, with what only recvmsg(2) and sendmsg(2) offer: the sender's
 * credentials, which the kernel adds, and descriptors that come with a message.
 *
 * An address is written as in `NOTIFY_SOCKET`: a path, or `@` and the name of an abstract socket.
 *
 * @module
 */

import { canDiscard, discard } from "./discard.ts";
import { CWD, Descriptor, Open, open } from "./file.ts";
import { stat } from "./file_status.ts";
import { unlink } from "./path.ts";
import { libc } from "./libc.ts";
import { decodeOs, encodeOs } from "./os_string.ts";
import { check, Errno, isErrno, lastErrno, SystemError } from "./system_error.ts";

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_PASSCRED = 16;
const SCM_RIGHTS = 1;
const SCM_CREDENTIALS = 2;
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x4000_0000;

const PATH_BYTES = 108;
const MESSAGE_HEADER_BYTES = 56;
const CONTROL_HEADER_BYTES = 16;

/** Room for credentials and for as many descriptors as one message can carry. */
const CONTROL_BYTES = 2048;

/** Room for credentials, which come first, and for no descriptor. */
const CREDENTIALS_BYTES = 32;

type Bytes = Uint8Array<ArrayBuffer>;

/** One datagram that was received. Disposing of it closes the descriptors that came with it. */
export interface Datagram extends Disposable {
  /** Its content. */
  readonly bytes: Uint8Array;
  /** Whether it was longer than there was room for. */
  readonly truncated: boolean;
  /** The sender's process id; 0 for a sender outside of this process's PID namespace. */
  readonly pid: number;
  /** The sender's user. */
  readonly uid: number;
  /** The sender's group. */
  readonly gid: number;
}

/** Returns the `sockaddr_un` of an address. */
export function socketAddress(address: string): Bytes {
  const name = encodeOs(address);
  const abstract = address.startsWith("@");
  // A path ends with a NUL; the name of an abstract socket begins with one.
  const length = 2 + name.length + (abstract ? 0 : 1);
  if (length > 2 + PATH_BYTES) {
    throw new SystemError(`use the socket ${address}`, Errno.ENAMETOOLONG);
  }
  const bytes = new Uint8Array(length);
  new DataView(bytes.buffer).setUint16(0, AF_UNIX, true);
  bytes.set(name, 2);
  if (abstract) bytes[2] = 0;
  return bytes;
}

/** Makes a datagram socket, close-on-exec. */
export function datagramSocket(): number {
  return check(libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), "make a socket");
}

/** Makes a datagram socket that gets the sender's credentials with each message. */
export function listeningSocket(): number {
  const socket = datagramSocket();
  const on = new Uint8Array([1, 0, 0, 0]);
  check(libc.setsockopt(socket, SOL_SOCKET, SO_PASSCRED, on, on.length), "ask for credentials");
  return socket;
}

/**
 * Binds a socket to an abstract address that the kernel chooses.
 *
 * @returns The address.
 */
export function bindAnywhere(socket: number): string {
  check(libc.bind(socket, new Uint8Array([AF_UNIX, 0]), 2), "bind a socket to an abstract address");
  const bytes = new Uint8Array(2 + PATH_BYTES);
  const length = new Uint32Array([bytes.length]);
  check(libc.getsockname(socket, bytes, new Uint8Array(length.buffer)), "read a socket's address");
  return `@${decodeOs(bytes.subarray(3, length[0]!))}`;
}

/** Binds a socket to an address. A socket file that a former process has left is replaced. */
export function bindSocket(socket: number, address: string): void {
  if (!address.startsWith("@")) removeSocket(address);
  const bytes = socketAddress(address);
  check(libc.bind(socket, bytes, bytes.length), `bind a socket to ${address}`);
}

/** Removes a socket file; a file of another type stays. */
export function removeSocket(path: string): void {
  const slash = path.lastIndexOf("/");
  const name = path.slice(slash + 1);
  try {
    const parent = slash < 0 ? "." : path.slice(0, slash) || "/";
    // By an open directory, so that the file whose type is checked is the one that is removed.
    using directory = new Descriptor(open(CWD, parent, Open.PATH | Open.DIRECTORY));
    if (stat(directory.fd, name, false).type === "socket") unlink(directory.fd, name);
  } catch (error) {
    if (!isErrno(error, Errno.ENOENT)) throw error;
  }
}

function pointer(bytes: Bytes): bigint {
  return BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)));
}

/** A `struct msghdr`, with the buffers that it points to: they must live as long as it is in use. */
class Message {
  readonly header: Bytes = new Uint8Array(MESSAGE_HEADER_BYTES);
  readonly #view = new DataView(this.header.buffer);
  readonly #vector: Bytes = new Uint8Array(16);
  readonly #control: Bytes;
  readonly #data: Bytes;
  /** The header points to it. */
  readonly address: Bytes | undefined;

  constructor(data: Bytes, control: Bytes, address?: Bytes) {
    this.#data = data;
    this.#control = control;
    this.address = address;
    const vector = new DataView(this.#vector.buffer);
    vector.setBigUint64(0, pointer(data), true);
    vector.setBigUint64(8, BigInt(data.length), true);
    if (address !== undefined) {
      this.#view.setBigUint64(0, pointer(address), true);
      this.#view.setUint32(8, address.length, true);
    }
    this.#view.setBigUint64(16, pointer(this.#vector), true);
    this.#view.setBigUint64(24, 1n, true);
    if (control.length === 0) return;
    this.#view.setBigUint64(32, pointer(control), true);
    this.#view.setBigUint64(40, BigInt(control.length), true);
  }

  /** Returns a copy of what was received. */
  data(length: number): Uint8Array {
    return this.#data.slice(0, length);
  }

  get truncated(): boolean {
    return (this.#view.getInt32(48, true) & MSG_TRUNC) !== 0;
  }

  /** Yields what came beside the data, with its kind. */
  *control(): Generator<{ kind: number; data: DataView }> {
    const end = Number(this.#view.getBigUint64(40, true));
    const view = new DataView(this.#control.buffer);
    for (let at = 0; at + CONTROL_HEADER_BYTES <= end;) {
      const length = Number(view.getBigUint64(at, true));
      if (length < CONTROL_HEADER_BYTES) return;
      const start = at + CONTROL_HEADER_BYTES;
      yield {
        kind: view.getInt32(at + 12, true),
        data: new DataView(this.#control.buffer, start, length - CONTROL_HEADER_BYTES),
      };
      at += (length + 7) & ~7;
    }
  }
}

/**
 * Takes a datagram that has arrived.
 *
 * @param socket A socket of {@linkcode listeningSocket}.
 * @param limit The longest message, in bytes; the rest of a longer one is lost.
 * @returns The datagram; undefined where none has arrived.
 */
export function receive(socket: number, limit: number): Datagram | undefined {
  const control = new Uint8Array(canDiscard() ? CONTROL_BYTES : CREDENTIALS_BYTES);
  const message = new Message(new Uint8Array(limit), control);
  let count: number;
  do {
    count = Number(libc.recvmsg(socket, message.header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC));
  } while (count < 0 && lastErrno() === Errno.EINTR);
  if (count < 0) {
    const errno = lastErrno();
    if (errno === Errno.EAGAIN) return undefined;
    throw new SystemError("receive a datagram", errno);
  }
  let [pid, uid, gid] = [0, -1, -1];
  const descriptors: number[] = [];
  for (const { kind, data } of message.control()) {
    if (kind === SCM_CREDENTIALS) {
      [pid, uid, gid] = [0, 4, 8].map((at) => data.getInt32(at, true)) as [number, number, number];
    } else if (kind === SCM_RIGHTS) {
      for (let at = 0; at < data.byteLength; at += 4) descriptors.push(data.getInt32(at, true));
    }
  }
  return {
    bytes: message.data(count),
    truncated: message.truncated,
    pid,
    uid: uid >>> 0,
    gid: gid >>> 0,
    [Symbol.dispose]: () => descriptors.splice(0).forEach(discard),
  };
}

/**
 * Sends a datagram.
 *
 * @param socket A socket of {@linkcode datagramSocket}.
 * @param address The receiver's address.
 * @param bytes The content.
 * @param descriptor A descriptor that the receiver gets a copy of.
 */
export function send(socket: number, address: string, bytes: Bytes, descriptor?: number): void {
  let control: Bytes = new Uint8Array(0);
  if (descriptor !== undefined) {
    control = new Uint8Array(CONTROL_HEADER_BYTES + 8);
    const view = new DataView(control.buffer);
    view.setBigUint64(0, BigInt(CONTROL_HEADER_BYTES + 4), true);
    view.setInt32(8, SOL_SOCKET, true);
    view.setInt32(12, SCM_RIGHTS, true);
    view.setInt32(CONTROL_HEADER_BYTES, descriptor, true);
  }
  const message = new Message(bytes, control, socketAddress(address));
  let count: number;
  do {
    count = Number(libc.sendmsg(socket, message.header, MSG_NOSIGNAL));
  } while (count < 0 && lastErrno() === Errno.EINTR);
  check(count, `send a message to the socket ${address}`);
}
