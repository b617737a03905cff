import type { ServiceStatus, TimelessStatus } from "../servicedir/status.ts";
import { isFinishing, isRunning, type MachineState } from "./machine.ts";

/** Returns what the status file tells of a state; the times are the service's own. */
export function statusOf(state: MachineState): TimelessStatus {
  const { pid, waitStatus, paused, wantUp, ready, phase } = state;
  return {
    pid,
    waitStatus,
    paused,
    finishing: isFinishing(phase),
    wantUp,
    ready: ready && isRunning(phase),
    finished: ready && phase === "down",
  };
}

/** Returns the machine's state for a service whose process still runs, from its status. */
export function stateOf(status: ServiceStatus): MachineState {
  const { pid, ready, paused, finishing, waitStatus, wantUp } = status;
  const phase = finishing ? "finish" : "up";
  return { phase, pid, ready, paused, waitStatus, wantUp, wasReady: ready };
}
