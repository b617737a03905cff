import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { differenceOf } from "../../../lib/rc/live/difference.ts";
import { type Files, writeFiles } from "../../support/files.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

async function compared(one: Files, other: Files, ...without: string[]) {
  await using place = await temporaryDirectory("sv-rc-test-");
  const [a, b] = [join(place.path, "a"), join(place.path, "b")];
  await writeFiles(a, one);
  await writeFiles(b, other);
  return differenceOf(a, b, (name) => !without.includes(name));
}

Deno.test("what is the same has no difference", async () => {
  const files = { "x": "1", "d/y": "2", "d/e/z": "" };
  assertEquals(await compared(files, files), undefined);
});

Deno.test("the first difference is found, wherever it is", async () => {
  const files = { "x": "1", "d/y": "2" };
  assertEquals(await compared(files, { ...files, "x": "2" }), { path: "x", what: "changed" });
  assertEquals(await compared(files, { ...files, "d/e/z": "" }), { path: "d/e", what: "new" });
  assertEquals(await compared(files, { "x": "1", "d/z": "2" }), { path: "d/y", what: "gone" });
  assertEquals(await compared({ "d": "" }, { "d/y": "" }), { path: "d", what: "changed" });
});

Deno.test("entries that don't count are left out, but not what is below others", async () => {
  const [one, other] = [{ "x": "1", "d/x": "1" }, { "x": "2", "d/x": "2" }];
  assertEquals(await compared(one, other, "x"), { path: "d/x", what: "changed" });
  assertEquals(await compared(one, other, "x", "d"), undefined);
});
