import type { Deaths } from "../os/spawn/deaths.ts";
import type { Spawner, Standard } from "../os/spawn/spawner.ts";
import type { Orphans } from "../servicedir/orphans.ts";
import type { StatusCopy } from "./status_writer.ts";

/** What a `Service` needs from outside. */
export interface ServiceOptions {
  /** Its name, as `run` gets it: the directory as it was given. */
  readonly name: string;
  /** Starts `run` and `finish`. */
  readonly spawner: Spawner;
  /** Learns of their deaths. */
  readonly deaths: Deaths;
  /** What `run` and `finish` get as their descriptor 0; default: the supervisor's own. */
  readonly stdin?: Standard;
  /** What `run` and `finish` get as their descriptor 1; default: the supervisor's own. */
  readonly stdout?: Standard;
  /** What `run` and `finish` get as their descriptor 2; default: the supervisor's own. */
  readonly stderr?: Standard;
  /** The soft limit on open files for `run` and `finish`, where it is not this process's. */
  readonly softNofile?: number | undefined;
  /** Signals that `run` and `finish` ignore. */
  readonly ignoredSignals?: readonly number[];
  /** Reports a message to the administrator. */
  readonly report: (message: string) => void;
  /** Whether each change of state is reported, too. */
  readonly verbose?: boolean;
  /** Called when the supervision has ended: the service is down, or left alone. */
  readonly onExit: () => void;
  /** Called once, when the supervisor no longer uses its stdin and stdout. */
  readonly onDetach?: () => void;
  /** Whether a service that survived its former supervisor is taken over, and not started anew. */
  readonly takeOver?: boolean;
  /** Where the process of a start is looked for that was not recorded: services of a scan share it. */
  readonly orphans?: Orphans;
  /** Called when its state has changed, or may have. */
  readonly onChange?: () => void;
  /** Whether enough descriptors are left where it keeps this one open, the highest of its own; default: yes. */
  readonly leavesRoom?: (descriptor: number) => boolean;
  /** Makes a copy of its status file, which it keeps for as long as it has the lock. */
  readonly copyStatus?: (lock: number) => StatusCopy | undefined;
  /** Called with the descriptors of the lock and the control FIFO, once the service has them. */
  readonly onTaken?: (lock: number, control: number) => void;
}
