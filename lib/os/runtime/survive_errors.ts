/**
 * Going on after an error that nothing has caught, at which the runtime would end the program: a
 * supervisor must not die of one.
 *
 * Remove when Deno has a setting for that.
 *
 * @module
 */

/** Reports an error, or what else was thrown, that nothing has caught. */
function reportInternal(report: (message: string) => void, error: unknown): void {
  report(`warning: internal error: ${error instanceof Error ? error.stack : error}`);
}

/**
 * Reports errors that nothing has caught, and goes on.
 *
 * @param report Tells the administrator.
 * @param onRejection Gets the reason why a promise was rejected; default: it is reported, too.
 */
export function surviveErrors(
  report: (message: string) => void,
  onRejection = (reason: unknown) => reportInternal(report, reason),
): void {
  addEventListener("error", (event) => {
    event.preventDefault();
    reportInternal(report, event.error);
  });
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    onRejection(event.reason);
  });
}
