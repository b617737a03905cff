import type { MachineState } from "./machine.ts";

/** A service at an instant, for another program in the same process to go on with. */
export interface ServiceSnapshot {
  /** What the machine remembers. */
  readonly state: MachineState;
  /** Since when it is up or down, in nanoseconds. */
  readonly stamp: string;
  /** When it became ready or was down for good, in nanoseconds. */
  readonly readyStamp: string;
  /** When it became ready, on the monotonic clock, in milliseconds. */
  readonly readyAt: number;
  /** When the timer is due, on the monotonic clock, in milliseconds; absent where none is armed. */
  readonly timer?: number;
  /** Present: the status file is out of date, because it could not be written. */
  readonly statusIsStale?: true;
  /** Processes of which one may be the service's: it is started when they have died; absent: none. */
  readonly doubtful?: readonly number[];
  /** Whether `run` and `finish` get /dev/null as their stdin and stdout. */
  readonly detached: boolean;
  /** Whether its process is no child of this one. */
  readonly foreign: boolean;
  /** Descriptors that stay open. */
  readonly descriptors: {
    /** The service directory. */
    readonly directory: number;
    /** The control FIFO. */
    readonly control: number;
    /** The locked file. */
    readonly lock: number;
    /** The reading end of the notification pipe, while that is open. */
    readonly notification?: number;
  };
}
