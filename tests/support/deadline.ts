/**
 * Milliseconds after which a test that hangs is ended. No test that passes waits for it, so it is long:
 * a host may be twenty times slower than the one on which the test was written.
 */
export const DEADLINE = 120_000;
