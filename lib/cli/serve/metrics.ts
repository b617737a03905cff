/**
 * The states of services as OpenMetrics text: https://prometheus.io/docs/specs/om/open_metrics_spec/
 *
 * @module
 */

import { millisecondsBetween } from "../../explain/deaths.ts";
import { STATES } from "../../explain/states.ts";
import type { PollingStatus } from "../../servicedir/polling_status.ts";
import { isAsWanted, isReady } from "../status/report.ts";
import { isUp } from "../../servicedir/status.ts";
import type { LiveService } from "../watch/live_services.ts";

/** The media type of the text. */
export const METRICS_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/** What is measured. */
export interface Measured {
  readonly services: Iterable<LiveService>;
  readonly restartsOf: (name: string) => number;
  readonly pollingOf: (name: string) => PollingStatus | undefined;
  readonly version: string;
  /** When this process was started, in milliseconds since 1970. */
  readonly started: number;
  /** How many requests were answered, by code. */
  readonly requests: ReadonlyMap<number, number>;
}

/** A family of samples of one name. */
class Family {
  readonly #lines: string[];
  readonly #sample: string;

  constructor(name: string, type: "gauge" | "counter" | "info", help: string, unit?: string) {
    this.#lines = [`# TYPE ${name} ${type}`];
    if (unit !== undefined) this.#lines.push(`# UNIT ${name} ${unit}`);
    this.#lines.push(`# HELP ${name} ${help}`);
    this.#sample = name + (type === "counter" ? "_total" : type === "info" ? "_info" : "");
  }

  /** @param labels `name="value"` pairs, without braces. */
  add(labels: string, value: number | boolean): void {
    this.#lines.push(`${this.#sample}${labels === "" ? "" : `{${labels}}`} ${Number(value)}`);
  }

  get text(): string {
    return this.#lines.join("\n");
  }
}

/** Returns a label as OpenMetrics writes it. */
export function label(name: string, value: string): string {
  const escaped = value.toWellFormed().replaceAll(
    /[\\"\n]/g,
    (character) => character === "\n" ? "\\n" : `\\${character}`,
  );
  return `${name}="${escaped}"`;
}

/** Returns the metrics. */
export function metricsText(
  { pollingOf, requests, restartsOf, services, started, version }: Measured,
): string {
  const build = new Family("sv_build", "info", "The program that answers.");
  build.add(label("version", version), true);
  const start = new Family(
    "process_start_time_seconds",
    "gauge",
    "When it was started.",
    "seconds",
  );
  start.add("", started / 1000);
  const answered = new Family("sv_http_requests", "counter", "Requests that it has answered.");
  for (const [code, count] of [...requests].sort()) {
    answered.add(label("code", String(code)), count);
  }

  const inState = new Family("sv_services", "gauge", "How many services are in each state.");
  const supervised = new Family("sv_service_supervised", "gauge", "Whether a supervisor runs.");
  const wanted = new Family("sv_service_wanted_up", "gauge", "Whether it is wanted up.");
  const up = new Family("sv_service_up", "gauge", "Whether its process runs.");
  const ready = new Family(
    "sv_service_ready",
    "gauge",
    "Whether it is up and ready, as far as it can tell.",
  );
  const asWanted = new Family(
    "sv_service_as_wanted",
    "gauge",
    "Whether it is ready, or down as it shall be.",
  );
  const state = new Family("sv_service_state", "gauge", "The state in which it is, as a label.");
  const restarts = new Family("sv_service_restarts", "counter", "How often it was started again.");
  const toReady = new Family(
    "sv_service_ready_seconds",
    "gauge",
    "From its last start to its readiness.",
    "seconds",
  );
  const changed = new Family(
    "sv_service_last_change_timestamp_seconds",
    "gauge",
    "When it last went up or down.",
    "seconds",
  );
  const tries = new Family(
    "sv_service_check_tries",
    "gauge",
    "How many checks were made of a service that is polled, since its last start.",
  );
  const checkTook = new Family(
    "sv_service_check_seconds",
    "gauge",
    "How long the check that has ended last took.",
    "seconds",
  );
  const checkRunning = new Family(
    "sv_service_check_running_seconds",
    "gauge",
    "For how long the check that runs now has been running.",
    "seconds",
  );
  const counts = new Map(Object.keys(STATES).map((name) => [name, 0]));
  for (const live of services) {
    const { explanation, facts: { checkRunning: running, status }, service: { name } } = live;
    const polling = pollingOf(name);
    const service = label("service", name);
    counts.set(explanation.state, counts.get(explanation.state)! + 1);
    supervised.add(service, status !== undefined);
    wanted.add(service, status?.wantUp ?? false);
    up.add(service, status !== undefined && isUp(status));
    ready.add(service, isReady(live));
    asWanted.add(service, isAsWanted(live));
    state.add(`${service},${label("state", explanation.state)}`, true);
    restarts.add(service, restartsOf(name));
    if (status?.ready) {
      toReady.add(
        service,
        Math.max(millisecondsBetween(status.stamp, status.readyStamp), 0) / 1000,
      );
    }
    if (status !== undefined && status.stamp > 0n) {
      changed.add(service, Number(status.stamp / 1_000_000n) / 1000);
    }
    if (polling !== undefined) tries.add(service, polling.tries);
    if (polling?.lastDuration !== undefined) checkTook.add(service, polling.lastDuration / 1000);
    if (running !== undefined) checkRunning.add(service, running / 1000);
  }
  for (const [name, count] of counts) inState.add(label("state", name), count);
  return [
    build,
    start,
    answered,
    inState,
    supervised,
    wanted,
    up,
    ready,
    asWanted,
    state,
    restarts,
    toReady,
    changed,
    tries,
    checkTook,
    checkRunning,
  ]
    .map(({ text }) => text).join("\n") + "\n# EOF\n";
}
