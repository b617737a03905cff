import { assertEquals } from "@std/assert";
import { routeOf } from "../../../lib/cli/serve/routes.ts";

Deno.test("paths lead to what they name", () => {
  assertEquals(routeOf("/readyz"), { to: "readyz" });
  assertEquals(routeOf("/services"), { to: "services" });
  assertEquals(routeOf("/services/web"), { to: "service", name: "web" });
  assertEquals(routeOf("/services/web/logs"), { to: "logs", name: "web" });
  assertEquals(routeOf("/services/web/restart"), { to: "change", name: "web", verb: "restart" });
});

Deno.test("a service may have any name, that of a verb, too; a logger's has a slash", () => {
  assertEquals(routeOf("/services/start"), { to: "service", name: "start" });
  assertEquals(routeOf("/services/logs/logs"), { to: "logs", name: "logs" });
  assertEquals(routeOf("/services/web/log"), { to: "service", name: "web/log" });
  assertEquals(routeOf("/services/web%2Flog/logs"), { to: "logs", name: "web/log" });
  assertEquals(routeOf("/services/web%40one/stop"), {
    to: "change",
    name: "web@one",
    verb: "stop",
  });
});

Deno.test("what is out of place is a name that is looked up, or nothing", () => {
  assertEquals(routeOf("/services/../../etc/passwd"), { to: "service", name: "../../etc/passwd" });
  assertEquals(routeOf("/services/%2e%2e%2fx/start"), {
    to: "change",
    name: "../x",
    verb: "start",
  });
  for (
    const path of [
      "",
      "/service",
      "/services/",
      "/services/%ff",
      "/readyz/",
      "/toString",
      "//readyz",
    ]
  ) {
    assertEquals(routeOf(path), undefined, path);
  }
});
