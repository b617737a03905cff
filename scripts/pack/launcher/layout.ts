/** What lies beside the launcher, and how the runtime is started. */
export interface Layout {
  /** The runtime, a path in the directory. */
  readonly runtime: string;
  /** The dynamic linker that the runtime asks for, which is there only where its libc is. */
  readonly interpreter: string;
  /** The options of the runtime. */
  readonly flags: readonly string[];
  /** The directory of the bundles. */
  readonly program: string;
  /** The bundles; the last one has all commands that no other has. */
  readonly bundles: readonly Bundle[];
}

/** How the runtime is started for a command. */
export interface Bundle {
  /** Its file. */
  readonly file: string;
  /** The names of the command; empty for the bundle of all others. */
  readonly names: readonly string[];
  /** Whether the command starts programs, which get the caller's environment. */
  readonly starts: boolean;
  /** How long it runs, and what it does: see bundles.ts. Those of a `scan` begin with signals blocked. */
  readonly life: "short" | "many" | "long" | "serve" | "scan";
}
