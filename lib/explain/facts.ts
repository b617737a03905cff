/**
 * What an explanation is made from.
 *
 * @module
 */

import type { Death } from "../servicedir/death_tally.ts";
import type { PollingStatus } from "../servicedir/polling_status.ts";
import type { SdStatus } from "../servicedir/sd_status.ts";
import type { ServiceStatus } from "../servicedir/status.ts";
import type { Instant } from "../tai/tai64n.ts";

/** What is known of the supervisor of a service directory. */
export type Supervision =
  /** A supervisor is running: of `sv`, or of s6. */
  | { readonly is: "sv" | "s6" }
  /**
   * None is running. Whether one has run before, the process of the service that it left, and the scan
   * directory that the service is in.
   */
  | {
    readonly is: "none";
    readonly before: boolean;
    readonly left: number | undefined;
    readonly scan?: { readonly directory: string; readonly runs: boolean } | undefined;
  }
  /** There is no such directory (and a name beside it that may be meant), or no `run` in it. */
  | {
    readonly is: "missing";
    readonly what: string;
    readonly nearest?: string | undefined;
    readonly lacksRun?: boolean;
  }
  /** It can't be found out; the system's reason. */
  | { readonly is: "unreadable"; readonly why: string };

/** The other of two supervisors that want a service. */
export interface Rival {
  /** The scan directory of the scan that can't have it. */
  readonly scan: string;
  /** The process that has it; undefined where that can't be seen. */
  readonly holder?: {
    /** Its process id. */
    readonly pid: number;
    /** How it was called: the first words of its command line. */
    readonly command: string;
  } | undefined;
}

/** By which way a service can say that it is ready. */
export interface Notifying {
  /** The descriptor of `notification-fd`. */
  readonly descriptor: number | undefined;
  /** Whether the supervisor itself polls it. */
  readonly polled: boolean;
  /** The command in `run` that tells the supervisor, such as `sv notifyoncheck`. */
  readonly command: string | undefined;
  /** A descriptor from 3 on that `run`, a shell script, writes to; undefined: none is seen there. */
  readonly writesTo?: number | undefined;
  /** Whether the descriptor is closed in the process of the service, and can tell nothing any more. */
  readonly closed: boolean;
}

/** A process, as /proc has it. */
export interface ProcessFacts {
  /** Whether it is stopped by a signal, or traced. */
  readonly stopped: boolean;
  /** Whether it sleeps in the kernel where no signal reaches it. */
  readonly uninterruptible: boolean;
}

/** Another process of the service. */
export interface OtherProcess {
  /** Its process id. */
  readonly pid: number;
  /** Its name. */
  readonly name: string;
}

/** A service that is waited for. */
export interface Dependency {
  /** Its name. */
  readonly name: string;
  /** Its own state. */
  readonly state: string;
  /** Its own reason. */
  readonly reason: string;
  /** Where it waits itself: the service at the end of that chain, which is the cause. */
  readonly cause?: Dependency | undefined;
}

/** What is known of a service that belongs to `sv rc`. */
export interface RcFacts {
  /** The command that starts it, with what it needs. */
  readonly start: string;
  /** Whether a command of `sv rc` is at work, which starts what waits. */
  readonly isChanging: boolean;
  /** What the last command was to bring about, and when that was ordered; undefined where it has done so. */
  readonly wanted?: { readonly direction: "up" | "down"; readonly since: Instant } | undefined;
  /** Why the last start, or stop, failed, and when, if none has succeeded since. */
  readonly failure?: { readonly why: string; readonly at: Instant } | undefined;
}

/** All that is known of a service at one moment. What is not known is undefined, or empty. */
export interface Facts {
  /** What the commands that `next` names call it: a name, or a path. */
  readonly name: string;
  /** The path of its directory; absent: the name is that. */
  readonly dir?: string;
  /** When the facts were read. */
  readonly now: Instant;
  /** What is known of its supervisor. */
  readonly supervision: Supervision;
  /** Another supervisor that has it, where a scan wants it. */
  readonly rival?: Rival | undefined;
  /** What the supervisor wrote last. */
  readonly status: ServiceStatus | undefined;
  /** Whether there is a file `down`. */
  readonly downFile: boolean;
  /** By which way it can say that it is ready. */
  readonly notifying: Notifying;
  /**
   * Why `run` could not be started the last time, and when, if it has not been started since; and whether
   * its supervisor does not try again.
   */
  readonly startFailure:
    | { readonly why: string; readonly at: Instant; readonly isFinal?: boolean }
    | undefined;
  /** The last deaths, the oldest first. */
  readonly deaths: readonly Death[];
  /** How often `run` was started since its supervisor began. */
  readonly starts: number | undefined;
  /** Whether it was given up for good, and not merely told to go down. */
  readonly failed: boolean;
  /** When it was told to go down, where it has not ended since. */
  readonly stopping: Instant | undefined;
  /** How far the polling of its process has got. */
  readonly polling: PollingStatus | undefined;
  /** Why its supervisor can't poll it, though it is told to. */
  readonly pollingFault?: string | undefined;
  /** Milliseconds that the check which is running now has taken so far. */
  readonly checkRunning: number | undefined;
  /** What its daemon has told by systemd's protocol. */
  readonly said: SdStatus | undefined;
  /** Milliseconds from the down-signal to SIGKILL; 0: there is no SIGKILL. */
  readonly killTimeout: number;
  /** The name of the signal that tells it to go down, without SIG. */
  readonly downSignal: string;
  /** Milliseconds that `finish` may run; 0: no limit. */
  readonly finishTimeout: number;
  /** The process of the service. */
  readonly process: ProcessFacts | undefined;
  /** What is left of the last life while the service is down. */
  readonly leftBehind: readonly OtherProcess[];
  /** Why the service's log stands still, and since when, where a log process of the scan writes it. */
  readonly logTrouble: { readonly since: Instant; readonly reason: string } | undefined;
  /** What `sv rc` waits for before it starts the service. */
  readonly waitsFor: readonly Dependency[];
  /** What is wrong with files of the service directory that its supervisor reads. */
  readonly wrongFiles?: readonly string[];
  /** Whether it has a logger. */
  readonly isLogged?: boolean;
  /** Whether the process that the status names does not exist. */
  readonly isGone?: boolean;
  /** The last line that it printed, where it has died and its logger has the line. */
  readonly lastWords?: string | undefined;
  /** What `sv rc` has recorded of the service; undefined where it does not belong to it. */
  readonly rc?: RcFacts | undefined;
  /** The last lines of the service's output, the oldest first, without the stamps of a log. */
  readonly output: readonly string[];
  /** When each of these lines was written; undefined where no stamp tells. */
  readonly outputTimes?: readonly (Instant | undefined)[];
}
