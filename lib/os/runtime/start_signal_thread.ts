/**
 * The runtime's thread for signals.
 *
 * Deno starts it when the program first listens to a signal, and panics where the kernel refuses to
 * start one: under a limit on processes it must start before the program's children fill that.
 *
 * Remove when Deno needs no such thread, or a missing one is an error that can be caught.
 *
 * @module
 */

/** Has Deno start its thread for signals now: by listening to SIGURG, which does nothing by default. */
export function startSignalThread(): void {
  Deno.addSignalListener("SIGURG", () => {});
}
