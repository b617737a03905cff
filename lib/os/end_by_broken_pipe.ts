import { libc } from "./libc.ts";
import { Signal } from "./signal.ts";
import { resetSignals } from "./signal_state.ts";

/**
 * Ends this process as the kernel ends a program that writes to a pipe without a reader: by SIGPIPE, which
 * the runtime ignores. Filters are expected to end so: quietly.
 */
export function endByBrokenPipe(): never {
  resetSignals();
  libc.kill(libc.getpid(), Signal.PIPE);
  // Another thread may take the signal, a moment later.
  libc._exit(128 + Signal.PIPE);
  throw new Error("unreachable");
}
