import { sendSignal, sendSignalToGroup } from "../os/send_signal.ts";
import { Signal } from "../os/signal.ts";
import type { ServiceConfig } from "../servicedir/config.ts";
import type { SentSignal } from "../servicedir/signal_commands.ts";

/** Sends a signal to a service: the down-signal and the reload-signal are looked up in its files. */
export function signalService(config: ServiceConfig, pid: number, sent: SentSignal): void {
  const signal = sent.signal === "down"
    ? config.downSignal
    : sent.signal === "reload"
    ? config.reloadSignal
    : sent.signal;
  if (sent.group) sendSignalToGroup(pid, signal);
  else sendSignal(pid, signal);
}

/** Kills a service that did not come down in time: SIGKILL, then SIGCONT. */
export function killService(config: ServiceConfig, pid: number): void {
  const group = config.killGroup;
  signalService(config, pid, { signal: Signal.KILL, group });
  signalService(config, pid, { signal: Signal.CONT, group });
}

/** Aborts a service that is silent; a process that is stopped gets SIGABRT only after SIGCONT. */
export function abortService(pid: number): void {
  sendSignal(pid, Signal.ABRT);
  sendSignal(pid, Signal.CONT);
}
