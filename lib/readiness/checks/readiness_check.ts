/**
 * Finds out whether a service is ready. Any result but `true`, and any error that it throws, means: not
 * yet. It should stop soon when the signal is aborted: the next check begins only when it has.
 */
export type ReadinessCheck = (signal: AbortSignal) => boolean | Promise<boolean>;
