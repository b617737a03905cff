import type { InstanceName } from "../../servicedir/instance_name.ts";

/** Something that is wrong with a set of definitions. */
export interface Fault {
  /** An error makes the set unusable; a warning does not. */
  readonly severity: "error" | "warning";
  /** Whether a warning is of something that may well be meant so, and that s6-rc does not warn of. */
  readonly isAdvice?: boolean;
  /** What is wrong, where, and what to do. */
  readonly message: string;
}

interface Named {
  /** The service's name. */
  readonly name: string;
  /** The directory that defines it. */
  readonly directory: string;
  /** What it is an instance of, where the directory is that of a template. */
  readonly instance?: InstanceName;
  /** Whether only a forced stop brings it down. */
  readonly essential: boolean;
  /** Whether s6-rc's repositories start it by default: to `sv` only a flag that `sv rc db` shows. */
  readonly recommended?: boolean;
}

interface Startable extends Named {
  /** The names of the services and bundles that it depends on, as written. */
  readonly dependencies: readonly string[];
  /** Milliseconds that a start may take; 0: no limit. */
  readonly timeoutUp: number;
  /** Milliseconds that a stop may take; 0: no limit. */
  readonly timeoutDown: number;
}

/** A process that is supervised. */
export interface Longrun extends Startable {
  /** What kind of service it is. */
  readonly type: "longrun";
  /** Whether it tells when it is ready: it has a `notification-fd`. */
  readonly notifies: boolean;
  /** The longrun that reads its standard output. */
  readonly producerFor?: string;
  /** The longruns whose standard output it reads. */
  readonly consumerFor: readonly string[];
  /** The name of the bundle of all longruns in the pipeline that ends with this one. */
  readonly pipelineName?: string;
}

/** A script that brings about a state of the machine, and a script that undoes it. */
export interface Oneshot extends Startable {
  /** What kind of service it is. */
  readonly type: "oneshot";
  /** The texts of its scripts; one that is absent counts as successful. */
  readonly scripts: { readonly up: string; readonly down?: string; readonly reload?: string };
}

/** A name for several services. */
export interface Bundle extends Named {
  /** What kind of service it is. */
  readonly type: "bundle";
  /** The names of the services and bundles in it, as written. */
  readonly contents: readonly string[];
}

/** A service that is no bundle. */
export type Atomic = Longrun | Oneshot;

/** The definition of a service. */
export type Definition = Atomic | Bundle;
