import type { WaitStatus } from "../wait_status.ts";

/** A child's standard input or output: this program's own, /dev/null, or a descriptor. */
export type Standard = "inherit" | "null" | number;

/** A descriptor that the child gets under a number of its own. */
export interface PassedDescriptor {
  /** The descriptor in this process. */
  readonly source: number;
  /** Its number in the child. */
  readonly target: number;
}

/** A program to start, by default as the leader of a new session. */
export interface SpawnRequest {
  /** An open directory: the child's working directory; default: this process's. */
  readonly directory?: number;
  /** The program, relative to the directory unless absolute, and its arguments. */
  readonly argv: readonly string[];
  /** The program file, where it differs from `argv[0]`. */
  readonly file?: string;
  /** Descriptor 0; default: inherit. */
  readonly stdin?: Standard;
  /** Descriptor 1; default: inherit. */
  readonly stdout?: Standard;
  /** Descriptor 2; default: inherit. */
  readonly stderr?: Standard;
  /** Further descriptors. All others that this program opened stay closed in the child. */
  readonly descriptors?: readonly PassedDescriptor[];
  /** The soft limit on open files, where it differs from this process's. */
  readonly softNofile?: number | undefined;
  /** Signals that the child ignores, as this program did at its start. */
  readonly ignoredSignals?: readonly number[];
  /** Signals that the child starts with blocked; default: none. */
  readonly blockedSignals?: readonly number[];
  /** Whether the child leads a new session; default: it does. */
  readonly newSession?: boolean;
  /** Whether the child is process 1 of a new PID namespace. */
  readonly newPidNamespace?: boolean;
  /**
   * Called right before the program is started, which a spawner may do later than it is asked to; again
   * where it is started in another way after that.
   */
  readonly onStart?: () => void;
}

/** A child that was started. */
export interface Spawned {
  /** Its process id. */
  readonly pid: number;
  /** For a child that the runtime reaps: its wait status. */
  readonly status?: Promise<WaitStatus>;
  /** Whether it is foreign, no child of this process: a survivor of a former supervisor. */
  readonly foreign?: boolean;
}

/** Starts programs. */
export interface Spawner {
  /**
   * Starts a program, or throws a `SystemError` that says why it can't be run. The caller keeps the
   * descriptors open until then.
   */
  spawn(request: SpawnRequest): Spawned | Promise<Spawned>;
}
