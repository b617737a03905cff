import { explain } from "../../explain/explain.ts";
import type { Explanation } from "../../explain/explanation.ts";
import type { Facts } from "../../explain/facts.ts";
import { liveOf, type LivePlace } from "../../servicedir/live_of.ts";

/** What is known of a service directory. */
export interface Explained {
  readonly facts: Facts;
  readonly explanation: Explanation;
}

/** Returns the place of a service in a live directory, where `sv rc` may be why it is down. */
export function waitingPlace(dir: string, { status }: Facts): LivePlace | undefined {
  const isDown = status !== undefined && status.pid === 0 && !status.wantUp;
  return isDown ? liveOf(dir) : undefined;
}

/**
 * Adds to what is known of services that are down what `sv rc` knows of them. Nothing of it is loaded, or read,
 * where none of them is in a live directory.
 *
 * @param services What their supervisors tell.
 * @param dirOf Returns the service directory of one.
 */
export async function joinRc<T extends Explained>(
  services: readonly T[],
  dirOf: (service: T) => string,
): Promise<T[]> {
  const places = services.map((service) => waitingPlace(dirOf(service), service.facts));
  if (places.every((place) => place === undefined)) return [...services];
  const { LiveMoment } = await import("./explain_live.ts");
  using moment = new LiveMoment();
  return services.map((service, index) => {
    const place = places[index];
    if (place === undefined) return service;
    const facts = moment.completed(service.facts, place);
    return { ...service, facts, explanation: explain(facts) };
  });
}
