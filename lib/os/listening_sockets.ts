/**
 * Which sockets listen where on this machine. A socket is named by its inode, as `/proc/PID/fd` has it.
 *
 * @module
 */

import { close, CWD, Descriptor, Open, readFile, tryOpen, tryRead, tryWrite } from "./file.ts";
import { tryStat } from "./file_status.ts";
import { libc } from "./libc.ts";
import { decodeOs } from "./os_string.ts";
import { holdsSocket } from "./socket_holders.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const IPPROTO_TCP = 6;
const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const NLM_F_REQUEST = 1;
const TCP_LISTEN = 10;

/** The user that the kernel names where there is none. */
const NO_USER = 0xffff_ffff;

/** The longest `struct sockaddr` of TCP. */
const ADDRESS_BYTES = 28;

/** The beginning of an IPv6 address that stands for one of IPv4. */
const MAPPED = "00000000000000000000ffff";

/** An address and a port, without what else a `struct sockaddr` has. */
interface Place {
  readonly family: number;
  /** 4 or 16 bytes. */
  readonly address: Bytes;
  readonly port: number;
}

/** Writes bytes as hexadecimal digits. */
function hexadecimal(bytes: Bytes): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function placeOf(sockaddr: Bytes): Place {
  const view = new DataView(sockaddr.buffer, sockaddr.byteOffset);
  const family = view.getUint16(0, true);
  const port = view.getUint16(2);
  if (family === AF_INET) return { family, port, address: sockaddr.slice(4, 8) };
  const address = sockaddr.slice(8, 24);
  return hexadecimal(address).startsWith(MAPPED)
    ? { family: AF_INET, port, address: address.slice(12) }
    : { family, port, address };
}

function isLoopback({ family, address }: Place): boolean {
  return family === AF_INET
    ? address[0] === 127
    : address.every((byte, index) => byte === (index === 15 ? 1 : 0));
}

function nameOf(call: "getpeername" | "getsockname", socket: number): Bytes | undefined {
  const bytes = new Uint8Array(ADDRESS_BYTES);
  const length = new Uint8Array(new Uint32Array([bytes.length]).buffer);
  return libc[call](socket, bytes, length) === 0 ? bytes : undefined;
}

/**
 * Returns the address of the other end of a connected socket of TCP or UDP, where that is on this
 * machine; undefined elsewhere. The kernel connects to an address of the machine from that same address.
 */
export function peerOnThisMachine(socket: number): Bytes | undefined {
  const peer = nameOf("getpeername", socket);
  const own = nameOf("getsockname", socket);
  if (peer === undefined || own === undefined) return undefined;
  const [there, here] = [placeOf(peer), placeOf(own)];
  const same = isLoopback(there) || hexadecimal(there.address) === hexadecimal(here.address);
  return same ? peer : undefined;
}

/** Whether an address, a `struct sockaddr`, is one of this machine's. Sends nothing. */
export function isOnThisMachine(address: Bytes): boolean {
  const family = new DataView(address.buffer, address.byteOffset).getUint16(0, true);
  const socket = libc.socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return false;
  using _ = new Descriptor(socket);
  return libc.connect(socket, address, address.length) === 0 &&
    peerOnThisMachine(socket) !== undefined;
}

/** Returns the process at the other end of a connection by UNIX sockets; undefined if unknown. */
export function peerCredentials(socket: number): { pid: number; uid: number } | undefined {
  const credentials = new Uint8Array(12);
  const length = new Uint8Array(new Uint32Array([credentials.length]).buffer);
  const result = libc.getsockopt(socket, SOL_SOCKET, SO_PEERCRED, credentials, length);
  if (result !== 0) return undefined;
  const view = new DataView(credentials.buffer);
  const [pid, uid] = [view.getInt32(0, true), view.getUint32(4, true)];
  // Of a socket that is not connected, or of another family, the kernel tells no process and the user -1.
  return uid === NO_USER ? undefined : { pid, uid };
}

/** Returns the process that has made the other end of a connection by UNIX sockets listen; 0 if unknown. */
export function peerProcess(socket: number): number {
  return peerCredentials(socket)?.pid ?? 0;
}

/** Returns a `struct nlmsghdr` and a `struct inet_diag_req_v2` that ask for a socket at a place. */
function diagRequest({ family, address, port }: Place): Bytes {
  const bytes = new Uint8Array(16 + 56);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, SOCK_DIAG_BY_FAMILY, true);
  view.setUint16(6, NLM_F_REQUEST, true);
  bytes[16] = family;
  bytes[17] = IPPROTO_TCP;
  view.setUint32(20, 1 << TCP_LISTEN, true);
  view.setUint16(24, port);
  bytes.set(address, 28);
  // No cookie: whichever socket is there.
  bytes.fill(0xff, 64, 72);
  return bytes;
}

/**
 * Returns the socket that a connection to an address, a `struct sockaddr`, comes to, at the cost of four
 * system calls however many sockets there are. Where several share the port, the kernel names one.
 *
 * @returns undefined where there is none, and where the kernel does not tell.
 */
export function listenerAt(address: Bytes): number | undefined {
  const request = diagRequest(placeOf(address));
  const netlink = libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (netlink < 0) return undefined;
  const answer = new Uint8Array(512);
  let count = tryWrite(netlink, request);
  // The kernel has answered when it has taken the request.
  if (count > 0) count = tryRead(netlink, answer);
  close(netlink);
  const view = new DataView(answer.buffer);
  if (count < 16 + 72 || view.getUint16(4, true) !== SOCK_DIAG_BY_FAMILY) return undefined;
  return view.getUint32(16 + 68, true) || undefined;
}

/** A socket that listens, as `/proc/net/tcp` has it. */
interface Listener {
  /** Address and port in hexadecimal digits, `0100007F:1F90`. */
  readonly local: string;
  readonly inode: number;
}

/**
 * Reads lines of `/proc/net/tcp`.
 *
 * @returns The sockets that listen, and whether others follow them: those that listen come first.
 */
export function parseListeners(text: string): { listeners: Listener[]; done: boolean } {
  const listeners: Listener[] = [];
  for (const line of text.split("\n")) {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    if (local === undefined || !/^[\dA-F]+:/.test(local) || inode === undefined) continue;
    if (state !== "0A") return { listeners, done: true };
    listeners.push({ local, inode: Number(inode) });
  }
  return { listeners, done: false };
}

function readListeners(path: string): Listener[] {
  const fd = tryOpen(CWD, path, Open.READ);
  if (fd < 0) return [];
  using file = new Descriptor(fd);
  const found: Listener[] = [];
  const buffer = new Uint8Array(16_384);
  let rest = "";
  for (;;) {
    const count = tryRead(file.fd, buffer);
    if (count <= 0) return found;
    const text = rest + decodeOs(buffer.subarray(0, count));
    const end = text.lastIndexOf("\n") + 1;
    rest = text.slice(end);
    const { listeners, done } = parseListeners(text.slice(0, end));
    found.push(...listeners);
    if (done) return found;
  }
}

/** Writes an address as `/proc/net/tcp` does: words of four bytes, each as a number of this machine. */
function inWords(address: Bytes): string {
  const words: string[] = [];
  for (let at = 0; at < address.length; at += 4) {
    words.push(hexadecimal(address.slice(at, at + 4).reverse()).toUpperCase());
  }
  return words.join("");
}

/**
 * Returns all sockets that a connection to an address, a `struct sockaddr`, may come to: those bound to
 * that very address; where there are none, those bound to any address. Reads the list of all sockets
 * that listen.
 */
export function listenersAt(address: Bytes): Set<number> {
  const { family, address: bytes, port } = placeOf(address);
  const own = inWords(bytes);
  const [any4, any6] = ["0".repeat(8), "0".repeat(32)];
  // The kernel's order of preference; a socket of IPv6 may take connections by IPv4, too.
  const places = family === AF_INET6
    ? [["tcp6", own], ["tcp6", any6]]
    : [["tcp", own], ["tcp6", `0000000000000000FFFF0000${own}`], ["tcp", any4], ["tcp6", any6]];
  const lists = new Map<string, Listener[]>();
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const [table, where] of places) {
    let list = lists.get(table!);
    if (list === undefined) lists.set(table!, list = readListeners(`/proc/net/${table}`));
    const found = list.filter(({ local }) => local === where + suffix);
    if (found.length > 0) return new Set(found.map(({ inode }) => inode));
  }
  return new Set();
}

/** A stream socket that listens, as `/proc/net/unix` has it. */
const LISTENING_UNIX = /^\S+ \S+ \S+ 00010000 0001 \S+ +(\d+) (.+)$/gm;

/** The longest list of UNIX sockets that is read, in bytes. */
const LONGEST_LIST = 1 << 24;

/** Returns what identifies the file at a path; undefined where it can't be seen. */
function identity(path: string): string | undefined {
  try {
    return tryStat(CWD, path)?.identity;
  } catch {
    return undefined;
  }
}

/**
 * Returns the sockets that listen at a path, or at an abstract name that begins with `@`.
 *
 * @param path The path.
 * @param pid The process that has made the socket listen: one that was bound to a relative path is found
 *   by its working directory.
 */
export function listenersAtPath(path: string, pid: number): Set<number> {
  let list: string;
  try {
    list = decodeOs(readFile(CWD, "/proc/net/unix", LONGEST_LIST));
  } catch {
    return new Set();
  }
  const isAbstract = path.startsWith("@");
  const base = (of: string) => of.slice(of.lastIndexOf("/") + 1);
  const wanted = isAbstract ? undefined : identity(path);
  const isThere = (inode: number, bound: string) => {
    if (isAbstract) return bound === path;
    if (wanted === undefined || bound.startsWith("@") || base(bound) !== base(path)) return false;
    if (bound.startsWith("/")) return identity(bound) === wanted;
    return identity(`/proc/${pid}/cwd/${bound}`) === wanted &&
      holdsSocket(pid, new Set([inode])) === true;
  };
  const found = new Set<number>();
  for (const [, inode, bound] of list.matchAll(LISTENING_UNIX)) {
    if (isThere(Number(inode), bound!)) found.add(Number(inode));
  }
  return found;
}
