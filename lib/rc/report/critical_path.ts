import { largest } from "../definitions/walk.ts";
import type { ServiceStart, StartRecord } from "./start_record.ts";

/** How much sooner everything would be ready if one service took no time to start. */
export interface Gain {
  /** The service. */
  readonly name: string;
  /** How long it took, in milliseconds. */
  readonly duration: number;
  /** How much sooner everything would be ready, in milliseconds. */
  readonly gain: number;
}

/** What determined how long a start took. */
export interface CriticalPath {
  /** When the last service was ready, in milliseconds from the beginning. */
  readonly total: number;
  /** The services that each held up the next, in order; the last is the one that was ready last. */
  readonly path: readonly string[];
  /** The services on the path, the largest gain first. */
  readonly gains: readonly Gain[];
}

/** Finds out what determined how long a start took. Services that were never ready don't count. */
export function criticalPath({ services }: StartRecord): CriticalPath {
  const ready = services.filter((service) => service.ready !== undefined);
  const byName = new Map(ready.map((service) => [service.name, service]));
  // Each once: a damaged record may have a circle.
  const left = new Map(byName);
  const path: string[] = [];
  let at = latest(ready);
  const total = at?.ready ?? 0;
  while (at !== undefined) {
    path.unshift(at.name);
    left.delete(at.name);
    at = latest(at.dependencies.flatMap((name) => left.get(name) ?? []));
  }
  const asItWas = makespan(ready);
  const gains = path.map((name) => ({
    name,
    duration: duration(byName.get(name)!),
    gain: asItWas - makespan(ready, name),
  })).sort((a, b) => b.gain - a.gain);
  return { total, path, gains };
}

function latest(services: readonly ServiceStart[]): ServiceStart | undefined {
  return services.reduce<ServiceStart | undefined>(
    (last, service) => last === undefined || service.ready! > last.ready! ? service : last,
    undefined,
  );
}

function duration({ ordered, ready }: ServiceStart): number {
  return ready! - ordered;
}

/**
 * Returns when the last service is ready, if each starts as soon as its dependencies are ready, and
 * the service `instant` takes no time.
 */
function makespan(services: readonly ServiceStart[], instant?: string): number {
  const finished = new Map<string, number>();
  // They are in the order of their starts, so the dependencies of each come before it.
  for (const service of services) {
    const begin = largest(service.dependencies.map((name) => finished.get(name) ?? 0), 0);
    finished.set(service.name, begin + (service.name === instant ? 0 : duration(service)));
  }
  return largest(finished.values(), 0);
}
