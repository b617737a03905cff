import { libc } from "./libc.ts";

/** Sends a signal to a process. Returns false where there is no such process, or the kernel forbids it. */
export function sendSignal(pid: number, signal: number): boolean {
  return pid > 0 && libc.kill(pid, signal) === 0;
}

/** Sends a signal to a process group. Returns false where there is no such group, or the kernel forbids it. */
export function sendSignalToGroup(group: number, signal: number): boolean {
  return group > 0 && libc.killpg(group, signal) === 0;
}
