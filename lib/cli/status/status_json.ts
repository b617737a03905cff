import { JSON_VERSION } from "../json.ts";
import { isRunning, type Report } from "./report.ts";
import { memory, processorTime, readyAfter, since } from "./columns.ts";

/** Returns how a service is, as an object for JSON. */
export function reportJson(report: Report) {
  const { explanation: { next, reason, state }, facts, processes, service } = report;
  const { deaths, status, supervision } = facts;
  return {
    name: service.name.toWellFormed(),
    dir: service.dir.toWellFormed(),
    state,
    reason: reason.toWellFormed(),
    next: next.toWellFormed() || null,
    supervisor: supervision.is === "sv" || supervision.is === "s6" ? supervision.is : null,
    wantedUp: status?.wantUp ?? null,
    up: isRunning(report),
    ready: status?.ready ?? false,
    pid: isRunning(report) ? status!.pid : null,
    sinceMilliseconds: since(report) ?? null,
    readyAfterMilliseconds: readyAfter(report) ?? null,
    deaths: deaths.length,
    processes: processes.length,
    memoryBytes: processes.length === 0 ? null : memory(report),
    processorMilliseconds: processes.length === 0 ? null : processorTime(report),
    output: facts.output.map((line) => line.toWellFormed()),
  };
}

/** Returns how services are, as one JSON object. */
export function statusJson(reports: readonly Report[]): string {
  return JSON.stringify({ version: JSON_VERSION, services: reports.map(reportJson) });
}
