import { service, type ServiceDirectory, type ServiceFiles } from "./service.ts";
import { Supervisor, supervisors } from "./supervisor.ts";

/** A `run` that never becomes ready. */
export const SILENT = "#!/bin/sh\nexec sleep 1000\n";

/** A `run` that is ready at once; it needs a `notification-fd` of 3. */
export const READY_AT_ONCE = "#!/bin/sh\necho >&3\nexec 3>&-\nexec sleep 1000\n";

/** A `run` that is ready when a line is written to `go`, a FIFO. */
export const READY_WHEN_TOLD =
  "#!/bin/sh\ntest -p go || mkfifo go\nread -r _ <go\necho >&3\nexec 3>&-\nexec sleep 1000\n";

/**
 * Makes a service directory and supervises it with s6-supervise.
 *
 * @param contents Its files.
 * @param name Its name.
 * @returns The directory, for `await using`.
 */
export async function supervisedByS6(
  contents: ServiceFiles,
  name = "service",
): Promise<ServiceDirectory> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await service(contents, name));
  stack.use(await Supervisor.start(supervisors.s6, directory.path));
  const kept = stack.move();
  return {
    path: directory.path,
    parent: directory.parent,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
