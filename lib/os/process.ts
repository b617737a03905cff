/**
 * Processes by pidfd: a descriptor that is readable once the process has died.
 *
 * @module
 */

import { libc } from "./libc.ts";
import { Signal } from "./signal.ts";
import { check, Errno, lastErrno, SystemError } from "./system_error.ts";
import { exited, signaled, type WaitStatus } from "./wait_status.ts";

const SYS_pidfd_open = 434n;
const SYS_pidfd_send_signal = 424n;
const P_ALL = 0;
const P_PID = 1;
const P_PIDFD = 3;
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x0100_0000;
const CLD_EXITED = 1;
const CLD_DUMPED = 3;
const PIDFD_GET_INFO = 0xc040ff0bn;
const PIDFD_INFO_EXIT = 8n;

/** The highest process id that Linux ever gives. */
export const MAX_PID = 1 << 22;

/** Opens a process, close-on-exec. Throws ESRCH where there is no such process. */
export function openProcess(pid: number): number {
  const fd = tryOpenProcess(pid);
  if (fd === undefined) throw new SystemError(`watch process ${pid}`, Errno.ESRCH);
  return fd;
}

/** Opens a process, close-on-exec. Returns undefined where it has died and is reaped. */
export function tryOpenProcess(pid: number): number | undefined {
  const fd = Number(libc.syscall(SYS_pidfd_open, BigInt(pid), 0n, 0n, 0n, 0n));
  if (fd >= 0) return fd;
  const errno = lastErrno();
  if (errno === Errno.ESRCH) return undefined;
  const needs = errno === Errno.ENOSYS ? " (Linux 5.3 or newer is needed)" : "";
  throw new SystemError(`watch process ${pid}${needs}`, errno);
}

/** Kills an open process. Returns false where it has died, or the kernel forbids it. */
export function killProcess(pidfd: number): boolean {
  return libc.syscall(SYS_pidfd_send_signal, BigInt(pidfd), BigInt(Signal.KILL), 0n, 0n, 0n) === 0n;
}

/**
 * Takes the wait status of a child that has died.
 *
 * @param pidfd The child.
 * @param leave Only look, because the runtime has started the child: it keeps a descriptor for it, which
 *   it never closes when the status is taken by other code.
 * @returns undefined while it lives; "elsewhere" where the runtime has taken the status.
 */
export function reap(pidfd: number, leave = false): WaitStatus | "elsewhere" | undefined {
  const dead = wait(P_PIDFD, pidfd, leave ? WNOWAIT : 0);
  return dead === "none" ? statusOfReaped(pidfd) ?? "elsewhere" : dead?.status;
}

/** Whether a process has died, reaped or not. It need not be a child of this one. */
export function isDead(pid: number): boolean {
  if (!isProcessId(pid)) return true;
  const dead = wait(P_PID, pid, WNOWAIT);
  return dead === "none" ? !processExists(pid) : dead !== undefined;
}

/** Whether there is a process of that id; dead ones that are not reaped count. */
export function processExists(pid: number): boolean {
  return isProcessId(pid) && (libc.kill(pid, 0) === 0 || lastErrno() !== Errno.ESRCH);
}

/** Whether a number can be a process id; files may name others, by which kill(2) means several processes. */
function isProcessId(pid: number): boolean {
  return Number.isInteger(pid) && pid > 0 && pid <= 0x7fff_ffff;
}

/** A child that has died. */
export interface DeadChild {
  /** Its process id, which is free again. */
  readonly pid: number;
  /** How it ended. */
  readonly status: WaitStatus;
}

/** Takes the wait status of any child that has died. Returns undefined where none has. */
export function reapAny(): DeadChild | undefined {
  const dead = wait(P_ALL, 0, 0);
  return dead === "none" ? undefined : dead;
}

/**
 * Calls waitid(2), without waiting, again where a signal interrupts it.
 *
 * @returns "none" where there is no such child, dead or alive; undefined where none has died.
 */
function wait(which: number, id: number, flags: number): DeadChild | "none" | undefined {
  const info = new Uint8Array(128);
  const view = new DataView(info.buffer);
  while (libc.waitid(which, id, info, WEXITED | WNOHANG | flags) !== 0) {
    const errno = lastErrno();
    if (errno === Errno.ECHILD) return "none";
    if (errno !== Errno.EINTR) throw new SystemError("wait for a process", errno);
  }
  const pid = view.getInt32(16, true);
  if (pid === 0) return undefined;
  const code = view.getInt32(8, true);
  const status = view.getInt32(24, true);
  return {
    pid,
    status: code === CLD_EXITED ? exited(status) : signaled(status, code === CLD_DUMPED),
  };
}

/** Returns the wait status of a reaped process, which kernels before 6.15 forget. */
function statusOfReaped(pidfd: number): WaitStatus | undefined {
  const info = new Uint8Array(64);
  const view = new DataView(info.buffer);
  view.setBigUint64(0, PIDFD_INFO_EXIT, true);
  if (libc.ioctl(pidfd, PIDFD_GET_INFO, info) !== 0) return undefined;
  return view.getBigUint64(0, true) & PIDFD_INFO_EXIT ? view.getInt32(60, true) : undefined;
}

/** Returns this process's id. */
export function processId(): number {
  return libc.getpid();
}

/** Ends this process at once: runs no destructors and exit handlers, and waits for no other thread. */
export function exitNow(code: number): never {
  libc._exit(code);
  throw new Error("unreachable");
}

/** Makes this process the parent of its descendants' orphans. */
export function becomeSubreaper(): void {
  const PR_SET_CHILD_SUBREAPER = 36;
  check(libc.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n), "become a child subreaper");
}
