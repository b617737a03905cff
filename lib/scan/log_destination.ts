import { parseLogOrder } from "../log/collector/log_order.ts";
import type { LogOrder } from "../log/collector/log_order.ts";
import type { Destination } from "../log/collector/messages.ts";
import { CWD, readFile } from "../os/file.ts";
import { decodeOs } from "../os/os_string.ts";
import { Access, accessErrno } from "../os/path.ts";
import { reasonOf } from "../os/system_error.ts";
import { ServicePath } from "../servicedir/protocol.ts";

/** Where a scan logs services that don't say it themselves: a directory of theirs in this one, or stdout. */
export type LogOption = { readonly directory: string } | { readonly stream: "text" | "json" };

/** How a service is logged. */
export interface FoundDestination {
  /** Where its lines go; undefined where it is not logged. */
  readonly to: Destination | undefined;
  /** What is wrong with its file `data/sv/log`. */
  readonly problem?: string;
}

/** Returns the content of `data/sv/log`; undefined where there is no such file. */
function readOrder(name: string): string | undefined {
  const path = `${name}/${ServicePath.log}`;
  // Most services have none: a look is cheaper than an exception.
  return accessErrno(CWD, path, Access.EXISTS) === 0 ? decodeOs(readFile(CWD, path)) : undefined;
}

function destination(order: LogOrder, name: string, option: LogOption | undefined): Destination {
  if (order.directory !== undefined) return { directory: order.directory, order };
  if (option === undefined) {
    throw new Error("it names no directory, and the scan has no option --log");
  }
  return "stream" in option ? option : { directory: `${option.directory}/${name}`, order };
}

/**
 * Finds out how a service is logged.
 *
 * @param name The service directory, relative to the working directory.
 * @param hasLogger Whether the service has a logger of its own, which gets the output in any case.
 * @param option The option of the scan, if it has one.
 * @param byDefault How a service is logged that has no file.
 */
export function findDestination(
  name: string,
  hasLogger: boolean,
  option: LogOption | undefined,
  byDefault: LogOrder,
): FoundDestination {
  const fallback = option === undefined || hasLogger
    ? undefined
    : destination(byDefault, name, option);
  try {
    const text = readOrder(name);
    if (text === undefined) return { to: fallback };
    if (hasLogger) {
      const problem =
        `not using ${ServicePath.log}: the service has a logger, ${ServicePath.logger}; ` +
        "remove one of the two";
      return { to: undefined, problem };
    }
    return { to: destination(parseLogOrder(text), name, option) };
  } catch (error) {
    return { to: fallback, problem: `not using ${ServicePath.log}: ${reasonOf(error)}` };
  }
}
