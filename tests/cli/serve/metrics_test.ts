import { assert, assertEquals, assertThrows } from "@std/assert";
import { label, type Measured, metricsText } from "../../../lib/cli/serve/metrics.ts";
import type { LiveService } from "../../../lib/cli/watch/live_services.ts";
import { type State, STATES } from "../../../lib/explain/states.ts";
import { parseOpenMetrics } from "../../support/openmetrics.ts";

const SECOND = 1_000_000_000n;

function live(name: string, state: State, status: object = {}, facts: object = {}): LiveService {
  return {
    service: { name, dir: `/run/service/${name}` },
    facts: {
      status: {
        pid: 7,
        wantUp: true,
        finishing: false,
        ready: false,
        stamp: 100n * SECOND,
        readyStamp: 0n,
        ...status,
      },
      ...facts,
    },
    explanation: { state },
  } as unknown as LiveService;
}

const measured = (...services: LiveService[]): Measured => ({
  services,
  restartsOf: (name) => name.length,
  pollingOf: (name) =>
    name === "db"
      ? { pid: 7, state: "polling", tries: 3, lastFailure: "", lastDuration: 12.5 }
      : undefined,
  version: "1.2.3",
  started: 1500,
  requests: new Map([[503, 2], [200, 40]]),
});

function valuesOf(text: string, family: string): Record<string, number> {
  const { samples } = parseOpenMetrics(text).get(family)!;
  return Object.fromEntries(
    samples.map(({ labels, value }) => [Object.values(labels).join(" "), value]),
  );
}

Deno.test("the text is valid OpenMetrics, also without services", () => {
  const families = parseOpenMetrics(metricsText(measured()));
  assertEquals(families.get("sv_services")!.samples.length, Object.keys(STATES).length);
  assertEquals(families.get("sv_service_ready")!.samples, []);
  for (const [name, { help, type }] of families) {
    assert(help.endsWith(".") && type !== "unknown", name);
  }
});

Deno.test("each service is measured", () => {
  const readyStamp = 100n * SECOND + SECOND / 4n;
  const text = metricsText(measured(
    live("web", "ready", { ready: true, readyStamp }),
    live("db", "starting", {}, { checkRunning: 1500 }),
    live("off", "down", { pid: 0, wantUp: false }),
    { ...live("gone", "unsupervised"), facts: { status: undefined } } as unknown as LiveService,
  ));
  assertEquals(valuesOf(text, "sv_service_up"), { web: 1, db: 1, off: 0, gone: 0 });
  assertEquals(valuesOf(text, "sv_service_supervised"), { web: 1, db: 1, off: 1, gone: 0 });
  assertEquals(valuesOf(text, "sv_service_wanted_up"), { web: 1, db: 1, off: 0, gone: 0 });
  assertEquals(valuesOf(text, "sv_service_ready"), { web: 1, db: 0, off: 0, gone: 0 });
  assertEquals(valuesOf(text, "sv_service_as_wanted"), { web: 1, db: 0, off: 1, gone: 0 });
  assertEquals(valuesOf(text, "sv_service_restarts"), { web: 3, db: 2, off: 3, gone: 4 });
  assertEquals(valuesOf(text, "sv_service_ready_seconds"), { web: 0.25 });
  assertEquals(valuesOf(text, "sv_service_last_change_timestamp_seconds"), {
    web: 100,
    db: 100,
    off: 100,
  });
  assertEquals(valuesOf(text, "sv_service_check_tries"), { db: 3 });
  assertEquals(valuesOf(text, "sv_service_check_seconds"), { db: 0.0125 });
  assertEquals(valuesOf(text, "sv_service_check_running_seconds"), { db: 1.5 });
  const inState = valuesOf(text, "sv_services");
  assertEquals([inState["ready"], inState["starting"], inState["failed"]], [1, 1, 0]);
  assertEquals(valuesOf(text, "sv_http_requests"), { 200: 40, 503: 2 });
  assertEquals(valuesOf(text, "sv_build"), { "1.2.3": 1 });
});

Deno.test("any name is a label", () => {
  const names = ['"', "\\", "a\nb", "{,}=", "\\n", "ü €"];
  const text = metricsText(measured(...names.map((name) => live(name, "ready"))));
  assertEquals(Object.keys(valuesOf(text, "sv_service_up")).sort(), names.sort());
  assertEquals(label("service", "\ud800"), 'service="\ufffd"');
});

Deno.test("the parser refuses what is not valid", () => {
  for (
    const text of [
      "a 1\n",
      "a 1\n# EOF\n",
      "# TYPE a gauge\na 1\na 1\n# EOF\n",
      "# TYPE a counter\na 1\n# EOF\n",
      '# TYPE a gauge\na{b="c} 1\n# EOF\n',
      "# TYPE a gauge\na one\n# EOF\n",
      "# TYPE a gauge\na 1\n# TYPE b gauge\n# TYPE a gauge\n# EOF\n",
      "# TYPE a gauge\n# UNIT a seconds\n# EOF\n",
      '# TYPE a gauge\na{b="1",b="2"} 1\n# EOF\n',
    ]
  ) assertThrows(() => parseOpenMetrics(text), Error, undefined, text);
});
