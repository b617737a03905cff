/** What is wrong with a set of definitions. */
export interface Fault {
  /** An error makes the set unusable; a warning does not. */
  readonly severity: "error" | "warning";
  /** What is wrong, where, and what to do. */
  readonly message: string;
}

interface Named {
  /** The service's name. */
  readonly name: string;
  /** The directory that defines it. */
  readonly directory: string;
  /** Whether only a forced stop brings it down. */
  readonly essential: boolean;
}

interface Startable extends Named {
  /** What it needs, as written: atomic services or bundles. */
  readonly dependencies: readonly string[];
  /** Milliseconds that a start may take, 0 for any number. */
  readonly timeoutUp: number;
  /** Milliseconds that a stop may take, 0 for any number. */
  readonly timeoutDown: number;
}

/** A process that is supervised. */
export interface Longrun extends Startable {
  /** What kind of service it is. */
  readonly type: "longrun";
  /** Whether it says that it is ready: it has a `notification-fd`. */
  readonly notifies: boolean;
  /** The consumer of its standard output. */
  readonly producerFor?: string;
  /** Those whose standard output it reads. */
  readonly consumerFor: readonly string[];
  /** The bundle that stands for the pipeline that ends here. */
  readonly pipelineName?: string;
}

/** Scripts that are run to bring a state of the machine about and to undo it. */
export interface Oneshot extends Startable {
  /** What kind of service it is. */
  readonly type: "oneshot";
  /** The text of its scripts; one that is absent does nothing, successfully. */
  readonly scripts: { readonly up: string; readonly down?: string; readonly reload?: string };
}

/** A name for several services. */
export interface Bundle extends Named {
  /** What kind of service it is. */
  readonly type: "bundle";
  /** What it stands for, as written: atomic services or bundles. */
  readonly contents: readonly string[];
}

/** A service that is no bundle. */
export type Atomic = Longrun | Oneshot;

/** The definition of a service. */
export type Definition = Atomic | Bundle;
