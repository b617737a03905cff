import { DEFAULT_ORDER } from "../log/collector/log_order.ts";
import { findDestination, type LogOption } from "./log_destination.ts";
import type { LogProcesses } from "./log_processes.ts";
import type { ScannedService } from "./scanned_service.ts";

/** How the output of services is logged that have no logger of their own. */
export interface Logging {
  /** The log processes. */
  readonly processes: LogProcesses;
  /** Where services are logged that don't say it themselves; undefined: nowhere. */
  readonly option: LogOption | undefined;
}

/** Finds out how a service is logged, and tells it. Warns where its file is invalid, once. */
export function direct(
  service: ScannedService,
  hasLogger: boolean,
  { option }: Logging,
  report: (message: string) => void,
): void {
  const { to, problem } = findDestination(service.name, hasLogger, option, DEFAULT_ORDER);
  if (problem !== undefined && problem !== service.logProblem) {
    report(`warning: ${service.name}: ${problem}`);
  }
  service.logProblem = problem;
  service.logTo(to);
}
