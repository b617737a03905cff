import { explain } from "../../explain/explain.ts";
import type { Explanation } from "../../explain/explanation.ts";
import type { Facts } from "../../explain/facts.ts";
import { readFacts, readFactsWithoutProcesses } from "../../explain/read_facts.ts";
import { readService } from "../../explain/read_service.ts";
import { STATES } from "../../explain/states.ts";
import { type ProcessEntry, processesOfSessions } from "../../os/process_table.ts";
import { isUp } from "../../servicedir/status.ts";
import type { NamedService } from "./service_names.ts";

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
 * Reads how services are, with the processes of all that are not too many.
 *
 * @param services The services.
 * @param lines How many of the last lines of their output are read, where they can be found.
 */
export function reportOn(services: readonly NamedService[], lines = 0): Report[] {
  return services.length > MOST_WITH_PROCESSES && lines === 0
    ? services.map(reportWithoutProcesses)
    : reportWithProcesses(services, lines);
}

function reportWithoutProcesses(service: NamedService): Report {
  const facts = readFactsWithoutProcesses(service.dir, service.name);
  return { service, facts, explanation: explain(facts), processes: [] };
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
