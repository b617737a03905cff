/** The verbs that requests may ask for. */
export const VERBS = ["start", "stop", "restart", "reload"] as const;

/** A verb that a request may ask for. */
export type ChangeVerb = typeof VERBS[number];

/** What a request is about. */
export type Route =
  | {
    readonly to:
      | "page"
      | "livez"
      | "readyz"
      | "services"
      | "events"
      | "metrics"
      | "graph"
      | "startup";
  }
  | { readonly to: "service" | "logs"; readonly name: string }
  | { readonly to: "change"; readonly name: string; readonly verb: ChangeVerb };

const PLACES: Readonly<Record<string, Route>> = {
  "/": { to: "page" },
  "/livez": { to: "livez" },
  "/readyz": { to: "readyz" },
  "/services": { to: "services" },
  "/events": { to: "events" },
  "/metrics": { to: "metrics" },
  "/graph": { to: "graph" },
  "/startup": { to: "startup" },
};

function isVerb(text: string | undefined): text is ChangeVerb {
  return VERBS.some((verb) => verb === text);
}

/** Returns a segment of a path in plain characters; undefined where it can't be one. */
function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/**
 * Returns what a path is about; undefined where there is nothing. A name is only looked up among the services that
 * are known: it becomes part of no path, so `..` in it is the name of no service.
 *
 * @param path The path of a request, without its query.
 */
export function routeOf(path: string): Route | undefined {
  if (Object.hasOwn(PLACES, path)) return PLACES[path];
  if (!path.startsWith("/services/")) return undefined;
  const segments = path.split("/").slice(2);
  const last = segments.at(-1);
  const ends = segments.length > 1 && (last === "logs" || isVerb(last)) ? 1 : 0;
  const name = decoded(segments.slice(0, segments.length - ends).join("/"));
  if (name === undefined || name === "") return undefined;
  if (ends === 0) return { to: "service", name };
  return isVerb(last) ? { to: "change", name, verb: last } : { to: "logs", name };
}
