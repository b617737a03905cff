import { assert, assertEquals } from "@std/assert";
import {
  afterFailure,
  LONGEST_WAIT,
  nextAction,
  type PollPlan,
  startPolling,
  waitAfter,
} from "../../../lib/readiness/polling/poll_schedule.ts";

const PLAN: PollPlan = {
  initialSleep: 10,
  waitingTime: 100,
  backoff: 1,
  jitter: undefined,
  tries: 3,
  globalTimeout: 1000,
  localTimeout: 50,
};

Deno.test("first the initial sleep, then a check with its limit, then the waiting time", () => {
  const start = startPolling(PLAN, 0);
  assertEquals(nextAction(PLAN, start, 0), { do: "sleep", until: 10 });
  assertEquals(nextAction(PLAN, start, 10), { do: "check", limit: 60 });
  const failed = afterFailure(PLAN, start, 30);
  assertEquals(nextAction(PLAN, failed, 30), { do: "sleep", until: 130 });
  assertEquals(nextAction(PLAN, failed, 130), { do: "check", limit: 180 });
});

Deno.test("polling ends after the last try, or when the time for all of it is up", () => {
  let state = startPolling(PLAN, 0);
  for (let now = 0; now < 3; now++) state = afterFailure(PLAN, state, now);
  assertEquals(nextAction(PLAN, state, 3), { do: "end", outcome: "gave up" });
  assertEquals(nextAction(PLAN, state, 1000), { do: "end", outcome: "timed out" });
});

Deno.test("neither a sleep nor a check goes beyond the time for all of it", () => {
  const late = { ...startPolling(PLAN, 0), due: 990 };
  assertEquals(nextAction(PLAN, late, 980), { do: "sleep", until: 990 });
  assertEquals(nextAction(PLAN, late, 990), { do: "check", limit: 1000 });
  assertEquals(nextAction(PLAN, { ...late, due: 2000 }, 990), { do: "sleep", until: 1000 });
});

Deno.test("without limits polling goes on for ever", () => {
  const plan = { ...PLAN, tries: Infinity, globalTimeout: Infinity, localTimeout: Infinity };
  const state = { ...startPolling(plan, 0), failures: 1e6 };
  assertEquals(nextAction(plan, state, 1e9), { do: "check", limit: Infinity });
});

Deno.test("backing off multiplies the wait up to the longest, or up to a waiting time above it", () => {
  const plan = { ...PLAN, backoff: 10 };
  assertEquals([1, 2, 3, 4, 400].map((failures) => waitAfter(plan, failures)), [
    100,
    1000,
    LONGEST_WAIT,
    LONGEST_WAIT,
    LONGEST_WAIT,
  ]);
  const slow = { ...plan, waitingTime: 2 * LONGEST_WAIT };
  assertEquals(waitAfter(slow, 5), 2 * LONGEST_WAIT);
});

Deno.test("waits that vary stay within a tenth, repeat for the same service, and differ for others", () => {
  const waits = (jitter: string) =>
    Array.from({ length: 100 }, (_, failures) => waitAfter({ ...PLAN, jitter }, failures + 1));
  assertEquals(waits("web"), waits("web"));
  assert(waits("web").every((wait) => wait >= 90 && wait <= 110));
  const first = Array.from({ length: 200 }, (_, index) => waits(`web${index}`)[0]!);
  assertEquals(new Set(first).size, 200);
  // Spread over the whole range, or a thousand services would still be polled in the same moment.
  assert(Math.min(...first) < 92 && Math.max(...first) > 108);
});
