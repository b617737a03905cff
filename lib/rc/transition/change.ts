/** The outcome of the change of one service. */
export type Outcome =
  | { readonly success: true }
  | {
    readonly success: false;
    readonly reason: string;
    /** Whether it is unknown how far the change has got. */
    readonly isUnknown?: boolean;
  };

/** When the steps of a change happened, in milliseconds of the monotonic clock. */
export interface Moments {
  /** When it was ordered. */
  readonly ordered: number;
  /** When the process had been started. */
  spawned?: number;
  /** When the longrun was ready, or the script had ended successfully. */
  ready?: number;
}

/** A change of one service, under way. */
export interface Change {
  /** When its steps happened. */
  readonly moments: Moments;
  /** Ends it as a failure, unless the state of the service would then be unknown. */
  abandon(): void;
}

/** Called with the outcome of a change, once. */
export type Settle = (outcome: Outcome) => void;
