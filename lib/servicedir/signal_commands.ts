import { Signal } from "../os/signal.ts";
import { ControlCommand } from "./protocol.ts";

/** A signal that a command sends. */
export interface SentSignal {
  /** Its number; or which file of the service directory has it: `down-signal`, `reload-signal`. */
  readonly signal: number | "down" | "reload";
  /** Whether it is sent to the whole process group. */
  readonly group: boolean;
}

const toDaemon = (signal: SentSignal["signal"]): SentSignal => ({ signal, group: false });
const toGroup = (signal: number): SentSignal => ({ signal, group: true });

/** The commands that send a signal, and what they send. */
export const SIGNAL_COMMANDS = {
  [ControlCommand.alarm]: toDaemon(Signal.ALRM),
  [ControlCommand.abort]: toDaemon(Signal.ABRT),
  [ControlCommand.quit]: toDaemon(Signal.QUIT),
  [ControlCommand.hangUp]: toDaemon(Signal.HUP),
  [ControlCommand.kill]: toDaemon(Signal.KILL),
  [ControlCommand.terminate]: toDaemon(Signal.TERM),
  [ControlCommand.interrupt]: toDaemon(Signal.INT),
  [ControlCommand.user1]: toDaemon(Signal.USR1),
  [ControlCommand.user2]: toDaemon(Signal.USR2),
  [ControlCommand.pause]: toDaemon(Signal.STOP),
  [ControlCommand.continue]: toDaemon(Signal.CONT),
  [ControlCommand.windowChanged]: toDaemon(Signal.WINCH),
  [ControlCommand.restart]: toDaemon("down"),
  [ControlCommand.reload]: toDaemon("reload"),
  [ControlCommand.pauseGroup]: toGroup(Signal.STOP),
  [ControlCommand.continueGroup]: toGroup(Signal.CONT),
  [ControlCommand.killGroup]: toGroup(Signal.KILL),
} as const;

/** A command that sends a signal. */
export type SignalCommand = keyof typeof SIGNAL_COMMANDS;

/** Returns the command that sends a signal to the daemon alone; undefined where there is none. */
export function commandForSignal(signal: number): SignalCommand | undefined {
  const commands = Object.keys(SIGNAL_COMMANDS) as SignalCommand[];
  return commands.find((command) => {
    const sent = SIGNAL_COMMANDS[command];
    return sent.signal === signal && !sent.group;
  });
}
