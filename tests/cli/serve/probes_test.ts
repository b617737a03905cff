import { assertEquals } from "@std/assert";
import {
  type Board,
  readinessOf,
  readinessOfAll,
  readinessText,
} from "../../../lib/cli/serve/probes.ts";
import type { LiveService } from "../../../lib/cli/watch/live_services.ts";
import type { State } from "../../../lib/explain/states.ts";

function live(name: string, state: State, reason = "", next = ""): LiveService {
  return { service: { name }, explanation: { state, reason, next } } as unknown as LiveService;
}

function boardOf(services: readonly LiveService[], astray: readonly LiveService[]): Board {
  return {
    isAsWanted: astray.length === 0,
    astray: () => astray,
    current: (wanted) => services.find(({ service: { name } }) => name === wanted),
  };
}

const web = live("web", "ready");
const off = live("off", "down", "it was told so", "`sv start off` starts it");
const db = live("db", "crashing", "died 3 times\nreally");

Deno.test("everything is ready when each service is as it is wanted", () => {
  assertEquals(readinessText(readinessOfAll(boardOf([web, off], []))), "ok\n");
  const readiness = readinessOfAll(boardOf([web, off, db], [db]));
  assertEquals(readiness.ready, false);
  assertEquals(readinessText(readiness), "db: crashing: died 3 times really\n");
});

Deno.test("a service that is named is ready only when it is up", () => {
  const board = boardOf([web, off, db], []);
  assertEquals(readinessOf(board, ["web"]).ready, true);
  assertEquals(
    readinessText(readinessOf(board, ["web", "off", "nope"])),
    "off: down: it was told so; `sv start off` starts it\n" +
      "nope: missing: there is no such service in the scan directory; look for a misspelt name\n",
  );
  assertEquals(
    readinessOf(boardOf([live("x", "up"), live("y", "reloading")], []), ["x", "y"]).ready,
    true,
  );
});

Deno.test("a refusal names the first, and counts the others", () => {
  const many = Array.from({ length: 25 }, (_, index) => live(`s${index}`, "broken", "no"));
  for (
    const readiness of [
      readinessOfAll(boardOf(many, many)),
      readinessOf(boardOf(many, many), many.map(({ service }) => service.name)),
    ]
  ) {
    assertEquals([readiness.notReady.length, readiness.more], [20, 5]);
    assertEquals(readinessText(readiness).split("\n").slice(-2), ["and 5 more", ""]);
  }
});

Deno.test("without a scan directory nothing is ready", () => {
  const board = { isAsWanted: false, astray: () => [], current: () => undefined };
  assertEquals(
    readinessText(readinessOfAll(board)),
    "missing: there is no scan directory; start `sv scan`\n",
  );
});
