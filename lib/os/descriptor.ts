/**
 * Making, copying, inspecting and awaiting descriptors: all but reading and writing.
 *
 * @module
 */

import { libc } from "./libc.ts";
import { check, Errno, lastErrno, SystemError } from "./system_error.ts";

const F_DUPFD_CLOEXEC = 1030;
const F_SETPIPE_SZ = 1031;
const F_GETFD = 1;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const FD_CLOEXEC = 1;
const O_ACCMODE = 3;
const O_RDWR = 2;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const SYS_kcmp = Deno.build.arch === "aarch64" ? 272n : 312n;
const KCMP_FILE = 0n;
const POLLIN = 1;
const POLLOUT = 4;

/** A pipe: bytes written to `write` come out of `read`. */
export interface Pipe {
  /** The end to read from. */
  readonly read: number;
  /** The end to write to. */
  readonly write: number;
}

/** Makes a pipe, both ends close-on-exec; the reading end non-blocking if wanted. */
export function pipe(options: { nonblockingRead?: boolean } = {}): Pipe {
  const ends = new Int32Array(2);
  check(libc.pipe2(new Uint8Array(ends.buffer), O_CLOEXEC), "make a pipe");
  const made = { read: ends[0]!, write: ends[1]! };
  // A new pipe has no other flags, so they need not be read first.
  if (options.nonblockingRead) {
    check(libc.fcntl(made.read, F_SETFL, BigInt(O_NONBLOCK)), "make a pipe non-blocking");
  }
  return made;
}

/** Makes a descriptor non-blocking, or blocking again. */
export function setNonblocking(fd: number, on: boolean): void {
  const flags = check(libc.fcntl(fd, F_GETFL, 0n), `read the flags of descriptor ${fd}`);
  const wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
  if (wanted !== flags) {
    check(libc.fcntl(fd, F_SETFL, BigInt(wanted)), `set the flags of descriptor ${fd}`);
  }
}

/** Returns whether a descriptor is open, and whether new programs inherit it. */
export function descriptorState(fd: number): "closed" | "private" | "inherited" {
  const flags = libc.fcntl(fd, F_GETFD, 0n);
  return flags < 0 ? "closed" : flags & FD_CLOEXEC ? "private" : "inherited";
}

/** Lets a pipe or FIFO hold more bytes, if the kernel allows this user as much. */
export function growFifo(fd: number, bytes: number): void {
  libc.fcntl(fd, F_SETPIPE_SZ, BigInt(bytes));
}

/** Returns whether a descriptor was opened for reading and writing. */
export function isReadWrite(fd: number): boolean {
  const flags = libc.fcntl(fd, F_GETFL, 0n);
  return flags >= 0 && (flags & O_ACCMODE) === O_RDWR;
}

/**
 * Returns whether a descriptor is open, and new programs inherit it. At the start of this program that
 * means that it was passed to it: those that the runtime opens for itself are close-on-exec.
 */
export function isInherited(fd: number): boolean {
  return descriptorState(fd) === "inherited";
}

/** Lets new programs inherit a descriptor, or keeps them from inheriting it. */
export function setInherited(fd: number, on: boolean): void {
  check(libc.fcntl(fd, F_SETFD, on ? 0n : BigInt(FD_CLOEXEC)), `set the flags of descriptor ${fd}`);
}

/** Makes a second, close-on-exec descriptor of the same open file, at least as high as `lowest`. */
export function duplicate(fd: number, lowest = 10): number {
  return check(libc.fcntl(fd, F_DUPFD_CLOEXEC, BigInt(lowest)), `duplicate descriptor ${fd}`);
}

/** Makes `target` another descriptor of the open file `source`, which new programs inherit. */
export function replaceDescriptor(target: number, source: number): void {
  if (target === source) setInherited(target, true);
  else check(libc.dup2(source, target), `make descriptor ${source} descriptor ${target}`);
}

/** Whether two descriptors are of one open file. False where the kernel can't tell. */
export function sameOpenFile(a: number, b: number): boolean {
  const pid = BigInt(libc.getpid());
  return libc.syscall(SYS_kcmp, pid, pid, KCMP_FILE, BigInt(a), BigInt(b)) === 0n;
}

/** Waits until one of the descriptors is readable or closed at its other end, and returns which are. */
export function waitReadable(fds: readonly number[], milliseconds: number): boolean[] {
  return wait(fds, POLLIN, milliseconds);
}

/** Whether a descriptor can be written now, or its other end is closed. */
export function canWrite(fd: number): boolean {
  return wait([fd], POLLOUT, 0)[0]!;
}

/** Waits until a descriptor can be written, or its other end is closed. */
export function waitWritable(fd: number): void {
  wait([fd], POLLOUT, Infinity);
}

function wait(fds: readonly number[], events: number, milliseconds: number): boolean[] {
  const entries = new Uint8Array(8 * fds.length);
  const view = new DataView(entries.buffer);
  fds.forEach((fd, index) => {
    view.setInt32(8 * index, fd, true);
    view.setInt16(8 * index + 4, events, true);
  });
  const ready = libc.poll(
    entries,
    BigInt(fds.length),
    milliseconds === Infinity ? -1 : Math.min(Math.ceil(milliseconds), 0x7fffffff),
  );
  if (ready < 0 && lastErrno() !== Errno.EINTR) throw new SystemError("wait for descriptors");
  return fds.map((_, index) => ready > 0 && view.getInt16(8 * index + 6, true) !== 0);
}
