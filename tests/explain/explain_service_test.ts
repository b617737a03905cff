import { assertEquals, assertMatch } from "@std/assert";
import { explain, explainService, readFactsOf, STATES, supervise, waitFor } from "../../mod.ts";
import { DEADLINE } from "../support/deadline.ts";
import { writeFiles } from "../support/files.ts";
import { READY } from "../support/scan_directory.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { within } from "../support/within.ts";

Deno.test("the library tells how a service is, and why, before, during and after its supervision", async () => {
  await using place = await temporaryDirectory();
  const dir = `${place.path}/web`;
  assertEquals(explainService(dir), {
    state: "missing",
    reason: `there is no directory ${dir}`,
    next: "look for a misspelt name; `sv list` prints those that there are",
  });
  await writeFiles(dir, { run: READY, "notification-fd": "3\n" });
  assertEquals(explainService(dir).state, "unsupervised");
  const stop = new AbortController();
  const ended = supervise(dir, { signal: stop.signal });
  await waitFor([dir], "ready", { timeout: DEADLINE });
  const { state, reason, next } = explainService(dir, "web");
  assertEquals([state, next, STATES[state].tone], ["ready", "", "good"]);
  assertMatch(reason, /^ready for .*, .* after its start$/);
  assertEquals(explain({ ...readFactsOf(dir, "web"), isGone: true }).state, "unknown");
  stop.abort();
  await within(ended, "the supervision to end");
  assertMatch(explainService(dir).reason, /^its supervisor is gone, and so is its process$/);
});
