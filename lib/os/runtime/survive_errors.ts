/**
 * Reports errors that nobody has caught, and goes on: a supervisor does not die of one.
 *
 * @param report Says something to the administrator.
 */
export function surviveErrors(report: (message: string) => void): void {
  const say = (event: Event, error: unknown) => {
    event.preventDefault();
    report(`warning: internal error: ${error instanceof Error ? error.stack : error}`);
  };
  addEventListener("error", (event) => say(event, event.error));
  addEventListener("unhandledrejection", (event) => say(event, event.reason));
}
