import type { ServiceStatus } from "../servicedir/status.ts";
import type { Facts } from "./facts.ts";
import type { State } from "./states.ts";

/** The answer to: how is the service, why, and what happens next? */
export interface Explanation {
  /** A word. */
  readonly state: State;
  /** A sentence without its full stop: what is so, and the fact that tells why. */
  readonly reason: string;
  /**
   * A sentence without its full stop: what the supervisor is going to do, and when, or else what the
   * reader can do. Empty where all is well.
   */
  readonly next: string;
}

/** Facts of a service that has a status. */
export interface SupervisedFacts extends Facts {
  readonly status: ServiceStatus;
}
