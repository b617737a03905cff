import { print } from "../output.ts";
import { JSON_VERSION } from "../json.ts";
import { oneLine } from "../one_line.ts";
import { reportJson } from "../status/status_json.ts";
import type { NamedService } from "../status/service_names.ts";
import { type LiveService, LiveServices } from "./live_services.ts";

/** Returns what a line about a service begins with. */
function stamp(): string {
  return new Date().toISOString();
}

/** Returns a line about a service that is not as it was. */
function lineAbout(
  name: string,
  before: string | undefined,
  live: LiveService | undefined,
): string {
  if (live === undefined) return `${stamp()} ${oneLine(name)} ${before} -> gone`;
  const { next, reason, state } = live.explanation;
  const from = before === undefined ? "" : `${before} -> `;
  return `${stamp()} ${oneLine(name)} ${from}${state}: ${oneLine(reason)}` +
    (next === "" ? "" : `; ${oneLine(next)}`);
}

/**
 * Prints a line whenever a service changes its state, for ever; the states at first, too.
 *
 * @param which The services, or the scan directory of which all are watched.
 * @param json Whether the lines are JSON objects.
 */
export function watchAsLines(
  which: readonly NamedService[] | string,
  json: boolean,
): Promise<never> {
  const states = new Map<string, string>();
  const show = (name: string, live: LiveService | undefined) => {
    const before = states.get(name);
    const state = live?.explanation.state;
    if (state === before) return;
    if (state === undefined) states.delete(name);
    else states.set(name, state);
    print(
      json
        ? `${
          JSON.stringify({
            version: JSON_VERSION,
            time: stamp(),
            name: name.toWellFormed(),
            before: before ?? null,
            service: live === undefined ? null : reportJson({ ...live, processes: [] }),
          })
        }\n`
        : `${lineAbout(name, before, live)}\n`,
    );
  };
  const live = new LiveServices(which, (names) => {
    for (const name of names) show(name, live.services.get(name));
  });
  for (const [name, service] of live.services) show(name, service);
  return new Promise(() => {});
}
