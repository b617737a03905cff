import { assertEquals } from "@std/assert";
import { defaultLive } from "../../../lib/cli/rc/rc_options.ts";

Deno.test("by the names of s6-rc, the live directory is where s6-rc has it", () => {
  assertEquals(defaultLive(true, () => true), "/run/s6-rc");
  assertEquals(defaultLive(true, () => false), "/run/s6-rc");
});

Deno.test("sv rc finds a live directory that was made by the names of s6-rc, where it has none", () => {
  const having = (...paths: string[]) => defaultLive(false, (path) => paths.includes(path));
  assertEquals(having(), "/run/sv-rc");
  assertEquals(having("/run/s6-rc", "/run/s6-rc/definitions"), "/run/s6-rc");
  assertEquals(having("/run/sv-rc", "/run/s6-rc", "/run/s6-rc/definitions"), "/run/sv-rc");
  // The live directory of s6-rc itself has no `definitions`.
  assertEquals(having("/run/s6-rc", "/run/s6-rc/compiled"), "/run/sv-rc");
});
