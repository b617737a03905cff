import { assertEquals } from "@std/assert";
import { explainBundle } from "../../lib/explain/explain_bundle.ts";
import type { State } from "../../lib/explain/states.ts";

const member = (name: string, state: State, reason = "so it is", next = "") => ({
  name,
  explanation: { state, reason, next },
});

Deno.test("a bundle is as the most urgent of its services, with that one's reason", () => {
  const { state, reason, next } = explainBundle([
    member("a", "ready"),
    member("b", "crashing", "died 5 times", "started again in 1 s"),
    member("c", "starting"),
  ]);
  assertEquals(state, "crashing");
  assertEquals(reason, "1 of 3 up; b is crashing: died 5 times");
  assertEquals(next, "started again in 1 s");
});

Deno.test("a bundle of which some services are up, and the others shall be down, is partly up", () => {
  const { state, reason } = explainBundle([
    member("a", "ready"),
    member("b", "down"),
    member("c", "down"),
  ]);
  assertEquals([state, reason], ["partial", "1 of 3 up; down: b and c"]);
});

Deno.test("a bundle that is all up, all down, or empty", () => {
  assertEquals(explainBundle([member("a", "ready"), member("b", "up")]).state, "up");
  assertEquals(explainBundle([member("a", "ready")]).reason, "all 1 up");
  assertEquals(explainBundle([member("a", "down")]), {
    state: "down",
    reason: "all down",
    next: "",
  });
  assertEquals(explainBundle([]).state, "ready");
});
