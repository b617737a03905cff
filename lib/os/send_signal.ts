import { libc } from "./libc.ts";

/** Sends a signal to a process; false when there is none such (or it may not be signalled). */
export function sendSignal(pid: number, signal: number): boolean {
  return pid > 0 && libc.kill(pid, signal) === 0;
}

/** Sends a signal to a process group; false when there is none such. */
export function sendSignalToGroup(group: number, signal: number): boolean {
  return group > 0 && libc.killpg(group, signal) === 0;
}
