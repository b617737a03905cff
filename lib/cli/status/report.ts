import { explain } from "../../explain/explain.ts";
import type { Explanation } from "../../explain/explanation.ts";
import type { Facts } from "../../explain/facts.ts";
import { readFacts, readFactsInOpen } from "../../explain/read_facts.ts";
import { readService } from "../../explain/read_service.ts";
import { STATES } from "../../explain/states.ts";
import { wallClock } from "../../os/clock.ts";
import { type ProcessEntry, processesOfSessions } from "../../os/process_table.ts";
import { inService } from "../../servicedir/in_service.ts";
import { isUp } from "../../servicedir/status.ts";
import { StatusCopies } from "../../servicedir/status_copies.ts";
import type { Instant } from "../../tai/tai64n.ts";
import {
  eachService,
  hasMoreNamesThan,
  type NamedService,
  type OpenService,
  servicesOf,
} from "./service_names.ts";

/** How a service is, and why. */
export interface Report {
  readonly service: NamedService;
  readonly facts: Facts;
  readonly explanation: Explanation;
  /** Its processes, as far as they belong to its session. */
  readonly processes: readonly ProcessEntry[];
}

/** For more services than this, their processes are not read: that would take longer than all else. */
const MOST_WITH_PROCESSES = 250;

/**
 * Reads how the services of a scan directory are, with their loggers, in the order of their names; and with the
 * processes of all that are not too many.
 *
 * @param directory The scan directory.
 */
export function reportOnAll(directory: string): Report[] {
  return hasMoreNamesThan(MOST_WITH_PROCESSES, directory)
    ? reportWithoutProcesses(directory)
    : reportOn(servicesOf(directory));
}

/**
 * Reads how services are, with the processes of all that are not too many.
 *
 * @param services The services.
 * @param lines How many of the last lines of their output are read, where they can be found.
 */
export function reportOn(services: readonly NamedService[], lines = 0): Report[] {
  if (services.length <= MOST_WITH_PROCESSES || lines > 0) {
    return reportWithProcesses(services, lines);
  }
  const now = wallClock();
  return services.map((service) =>
    inService(service.dir, (opened) => reportIn({ ...service, opened }, now))
  );
}

function reportWithoutProcesses(directory: string): Report[] {
  const reports = new Map<string, Report[]>();
  const now = wallClock();
  const copies = inService(directory, (scan) => StatusCopies.read(scan));
  const tell = (service: OpenService) => reportIn(service, now, copies);
  eachService(directory, (service, logger) => {
    const report = tell(service);
    reports.set(service.name, logger === undefined ? [report] : [report, tell(logger)]);
  });
  return [...reports.keys()].sort().flatMap((name) => reports.get(name)!);
}

function reportIn(
  { dir, name, opened }: OpenService,
  now: Instant,
  copies?: StatusCopies,
): Report {
  const facts = readFactsInOpen(opened, dir, name, now, copies);
  return { service: { name, dir }, facts, explanation: explain(facts), processes: [] };
}

/** The processes of the machine are read once for all services, after all have told which are theirs. */
function reportWithProcesses(services: readonly NamedService[], lines: number): Report[] {
  const readings = services.map(({ dir, name }) => readService(dir, name));
  const sessions = new Set(
    readings.map(({ session }) => session).filter((session) => session !== undefined),
  );
  const found = services.length > MOST_WITH_PROCESSES
    ? new Map<number, readonly ProcessEntry[]>()
    : processesOfSessions(sessions);
  return readings.map((reading, index) => {
    const processes = reading.session === undefined ? [] : found.get(reading.session) ?? [];
    const facts = readFacts(reading, processes, lines);
    return { service: services[index]!, facts, explanation: explain(facts), processes };
  });
}

/** Sorts reports: the most urgent first, and by name. */
export function worstFirst(reports: readonly Report[]): Report[] {
  return reports.toSorted((a, b) =>
    STATES[b.explanation.state].urgency - STATES[a.explanation.state].urgency ||
    (a.service.name < b.service.name ? -1 : 1)
  );
}

/** Whether a service that is wanted up is ready, as far as it can tell. */
export function isAsWanted(report: Pick<Report, "facts" | "explanation">): boolean {
  const { explanation, facts: { status } } = report;
  if (isReady(report)) return true;
  const { tone } = STATES[explanation.state];
  return status !== undefined && tone !== "bad" && !status.wantUp &&
    explanation.state !== "waiting";
}

/** Whether a service is up, and ready as far as it can tell. */
export function isReady({ explanation: { state } }: Pick<Report, "explanation">): boolean {
  return STATES[state].tone === "good" || state === "reloading";
}

/** Whether its process runs. */
export function isRunning({ facts: { status } }: Pick<Report, "facts">): boolean {
  return status !== undefined && isUp(status);
}
