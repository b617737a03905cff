import { CWD } from "../os/file.ts";
import { Access, accessErrno } from "../os/path.ts";
import { Priority, reactor } from "../os/reactor.ts";
import { signalName, signalNumber } from "../os/signal.ts";
import { startSignalThread } from "../os/runtime/start_signal_thread.ts";
import { readSignals, signalDescriptor } from "../os/signal_descriptor.ts";
import { blockOnly, receiveChildSignals } from "../os/signal_state.ts";
import type { Spawner, SpawnRequest } from "../os/spawn/spawner.ts";
import { ScanPath } from "../servicedir/protocol.ts";

/** Signals that an executable in the control directory, `SIGHUP` say, may handle instead. */
const DIVERTED = ["HUP", "INT", "TERM", "QUIT", "USR1", "USR2", "PWR", "WINCH"] as const;

/** Every signal that means something to a scan, by number. */
export const SCAN_SIGNALS: readonly number[] = ["CHLD", "ALRM", "ABRT", ...DIVERTED]
  .map((name) => signalNumber(name)!);

/**
 * Calls back with the name of each signal that arrives, and whether the kernel has sent it. All signals
 * must be blocked in all threads: those that mean nothing to a scan are unblocked in this one, and do what
 * they do to any program.
 */
export function watchSignals(callback: (name: string, fromKernel: boolean) => void): void {
  receiveChildSignals();
  startSignalThread();
  const descriptor = signalDescriptor(SCAN_SIGNALS);
  blockOnly(SCAN_SIGNALS);
  reactor().watch(descriptor, Priority.Death, () => {
    for (const { number, fromKernel } of readSignals(descriptor)) {
      callback(signalName(number), fromKernel);
    }
  });
}

/**
 * Starts the executable that handles a signal, `.s6-svscan/SIGHUP` say.
 *
 * @param name The signal's name, without SIG.
 * @param spawner Starts it.
 * @param surroundings The limit on open files and the ignored signals that it gets.
 * @returns false where there is no such executable.
 * @throws {SystemError} when it can't be run.
 */
export function divertSignal(
  name: string,
  spawner: Spawner,
  surroundings: Pick<SpawnRequest, "softNofile" | "ignoredSignals">,
): boolean {
  const program = `${ScanPath.directory}/SIG${name}`;
  if (accessErrno(CWD, program, Access.EXECUTE) !== 0) return false;
  spawner.spawn({ argv: [program], newSession: false, ...surroundings });
  return true;
}
