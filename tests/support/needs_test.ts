import { assertEquals, assertMatch } from "@std/assert";
import { missingPrograms, needing, refused } from "./needs.ts";

Deno.test("a test whose needs are met is run under its name", () => {
  assertEquals(needing([undefined, undefined], "it works"), { name: "it works", ignore: false });
});

Deno.test("a test whose needs are not met is ignored, and its name says why", () => {
  assertEquals(needing([undefined, missingPrograms("sh", "no-such-program")], "it works"), {
    name: "it works (ignored: not installed: no-such-program)",
    ignore: true,
  });
});

Deno.test("a command that fails is a reason, and one that succeeds is none", async () => {
  assertEquals(await refused("true"), undefined);
  assertEquals(
    await refused("sh", "-c", "echo never >&2; exit 1"),
    "sh -c echo never >&2; exit 1: never",
  );
  assertMatch(String(await refused("no-such-program")), /^no-such-program: NotFound/);
});
