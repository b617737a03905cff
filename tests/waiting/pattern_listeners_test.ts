import { assert, assertEquals } from "@std/assert";
import { makeFifodir } from "../../mod.ts";
import { PatternListeners } from "../../lib/waiting/pattern_listeners.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

/** Feeds events to a wait for a pattern. */
async function hear(pattern: string, pieces: readonly string[]) {
  await using place = await temporaryDirectory();
  const fifodir = `${place.path}/event`;
  makeFifodir(fifodir);
  using listeners = new PatternListeners([{ fifodir, pattern }]);
  for (const piece of pieces) listeners.receive(0, new TextEncoder().encode(piece));
  return { done: listeners.done, heard: listeners.heard(0) };
}

const many = Array(100).fill("x".repeat(4096));

Deno.test("events match together, however they came", async () => {
  assert((await hear("^su*U$", ["s", "u", "U"])).done);
  assert(!(await hear("^u", ["s", "u"])).done);
});

Deno.test("of events without end only the last are kept", async () => {
  const { done, heard } = await hear("yU$", [...many, "y", "U"]);
  assert(done);
  assertEquals(heard.length, 65_536);
});

Deno.test("where events were forgotten, none counts as the first", async () => {
  assert(!(await hear("^x*yU$", [...many, "yU"])).done);
  assert(!(await hear("^y", [...many, "y".repeat(65_536)])).done);
});
