import { close, CWD, Open, tryOpen } from "../file.ts";
import { libc } from "../libc.ts";
import { openProcess, processId } from "../process.ts";
import { check } from "../system_error.ts";

const CLONE_NEWPID = 0x20000000;

/** Calls a function; the first child that it starts is process 1 of a new PID namespace. */
export function inNewPidNamespace<T>(call: () => T): T {
  const opened = tryOpen(CWD, "/proc/self/ns/pid", Open.READ);
  // Where /proc is not mounted; setns(2) takes a process since Linux 5.8.
  const own = opened >= 0 ? opened : openProcess(processId());
  try {
    check(libc.unshare(CLONE_NEWPID), "make a PID namespace (flag-newpidns)");
    try {
      return call();
    } finally {
      check(libc.setns(own, CLONE_NEWPID), "return to the PID namespace of the supervisor");
    }
  } finally {
    close(own);
  }
}
