/** How the change of one service went. */
export type Outcome =
  | { readonly success: true }
  | { readonly success: false; readonly reason: string };

/** What is known of a start afterwards, on the monotonic clock, in milliseconds. */
export interface Moments {
  /** When the order was given. */
  readonly ordered: number;
  /** When the process was there. */
  spawned?: number;
  /** When it was ready, or had ended successfully. */
  ready?: number;
}

/** A change of one service that is going on. */
export interface Change {
  /** When what happened. */
  readonly moments: Moments;
  /** Ends it as a failure, where that is possible without losing track of the service. */
  abandon(): void;
}

/** Takes the outcome of a change, once. */
export type Settle = (outcome: Outcome) => void;
