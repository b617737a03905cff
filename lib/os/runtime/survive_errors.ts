/**
 * Going on after an error that nothing has caught, at which the runtime would end the program: a
 * supervisor must not die of one.
 *
 * Remove when Deno has a setting for that.
 *
 * @module
 */

/**
 * Reports errors that nothing has caught, and goes on.
 *
 * @param report Tells the administrator.
 */
export function surviveErrors(report: (message: string) => void): void {
  const survive = (event: Event, error: unknown) => {
    event.preventDefault();
    report(`warning: internal error: ${error instanceof Error ? error.stack : error}`);
  };
  addEventListener("error", (event) => survive(event, event.error));
  addEventListener("unhandledrejection", (event) => survive(event, event.reason));
}
