import { assertEquals } from "@std/assert";
import type { LiveService } from "../../../lib/cli/watch/live_services.ts";
import {
  FIRST_VIEW,
  type KeyOutcome,
  type Order,
  pressed,
  shownServices,
  type View,
} from "../../../lib/cli/watch/view.ts";
import type { State } from "../../../lib/explain/states.ts";

/** A service of which nothing is of interest but its name, its state and its last change. */
function live(name: string, state: State, changed = 0n): LiveService {
  const service = { name, dir: `/run/service/${name}` };
  const status = { stamp: changed, readyStamp: 0n };
  return { service, facts: { status }, explanation: { state } } as unknown as LiveService;
}

const SERVICES = [
  live("web", "ready", 3_000_000n),
  live("db", "crashing", 9_000_000n),
  live("cron", "down", 5_000_000n),
  live("api", "ready", 7_000_000n),
];
const NAMES = ["db", "api", "web", "cron"];

const names = (order: Order, filter = "") =>
  shownServices(SERVICES, { order, filter }).map(({ service }) => service.name);

Deno.test("services are shown by urgency, by name, or by their latest change", () => {
  assertEquals(names("urgency"), ["db", "api", "web", "cron"]);
  assertEquals(names("name"), ["api", "cron", "db", "web"]);
  assertEquals(names("latest change"), ["db", "api", "cron", "web"]);
});

Deno.test("a filter is about names and states, in any case", () => {
  assertEquals(names("name", "B"), ["db", "web"]);
  assertEquals(names("name", "ready"), ["api", "web"]);
  assertEquals(names("name", "nothing"), []);
});

/** Presses keys one after the other. */
function press(keys: string, view: View = FIRST_VIEW, shown = NAMES): KeyOutcome {
  let outcome: KeyOutcome = { view };
  for (const key of keys.split(", ")) outcome = pressed(outcome.view, key, shown, 2);
  return outcome;
}

Deno.test("keys move the selection, and not beyond the ends", () => {
  const selected = (keys: string) => press(keys).view.selected;
  assertEquals(selected("down"), "db");
  assertEquals(selected("j, j"), "api");
  assertEquals(selected("j, j, k"), "db");
  assertEquals(selected("up"), "db");
  assertEquals(selected("j, page down"), "web");
  assertEquals(selected("end, down"), "cron");
  assertEquals(selected("G, page up"), "api");
  assertEquals(selected("end, home"), "db");
  assertEquals(press("down", FIRST_VIEW, []).view.selected, undefined);
});

Deno.test("start is done at once; stop and restart are asked about", () => {
  assertEquals(press("j, u").wish, { verb: "start", name: "db" });
  assertEquals(press("j, d").wish, undefined);
  assertEquals(press("j, d, y").wish, { verb: "stop", name: "db" });
  assertEquals(press("j, r, y").wish, { verb: "restart", name: "db" });
  for (const other of ["n", "escape", "q", "d", "enter"]) {
    const { quit, view, wish } = press(`j, d, ${other}`);
    assertEquals([quit, wish, view.asked], [undefined, undefined, undefined], other);
    assertEquals(view.message, "db is left alone");
  }
});

Deno.test("nothing is done to a service that was not selected, or is not shown any more", () => {
  assertEquals(press("d").view.asked, undefined);
  assertEquals(press("u").wish, undefined);
  const { view } = press("j");
  assertEquals(press("d", view, ["web"]).view.asked, undefined);
});

Deno.test("a filter is typed, mended, kept or given up", () => {
  assertEquals(press("/, w, x, backspace, e, enter").view.filter, "we");
  assertEquals(press("/, q").quit, undefined);
  assertEquals(press("/, w, escape").view, { ...FIRST_VIEW, filter: "" });
  assertEquals(press("/, w, enter, escape").view.filter, "");
  assertEquals(press("/, down, up").view.filter, "");
});

Deno.test("s goes through the orders, enter shows all about a service, q ends", () => {
  assertEquals(press("s").view.order, "name");
  assertEquals(press("s, s").view.order, "latest change");
  assertEquals(press("s, s, s").view.order, "urgency");
  assertEquals(press("enter").view.selected, "db");
  assertEquals(press("enter").view.details, true);
  assertEquals(press("enter, escape").view.details, false);
  assertEquals([press("l").view.output, press("l").view.selected], [true, "db"]);
  const { details, output } = press("l, enter").view;
  assertEquals([details, output], [true, false]);
  assertEquals(press("l, escape").view.output, false);
  assertEquals(press("q").quit, true);
});
