import { assertEquals, assertRejects } from "@std/assert";
import type { ReadinessCheck } from "../../../lib/readiness/checks/readiness_check.ts";
import {
  pollOnClock,
  type PollOptions,
  type PollResult,
  pollUntilReady,
} from "../../../lib/readiness/polling/poll_until_ready.ts";
import { FakeClock } from "./fake_clock.ts";

/** Starts polling, and records when each check began and how polling ended. */
function poll(check: ReadinessCheck, options: PollOptions = {}) {
  const clock = new FakeClock();
  const began: number[] = [];
  let ended: PollResult | Error | undefined;
  pollOnClock(
    (signal) => {
      began.push(clock.now());
      return check(signal);
    },
    options,
    clock,
  ).then((result) => ended = result, (error) => ended = error);
  return { clock, began, ended: () => ended };
}

Deno.test("polling begins after 10 ms, goes on every second, and gives up after 7 checks", async () => {
  const { clock, began, ended } = poll(() => false);
  await clock.moveTo(60_000);
  assertEquals(began, [10, 1010, 2010, 3010, 4010, 5010, 6010]);
  assertEquals(ended(), { ready: false, outcome: "gave up", tries: 7 });
});

Deno.test("the first check that returns true ends polling at once", async () => {
  let checks = 0;
  const { clock, began, ended } = poll(() => ++checks === 3, { waitingTime: 100 });
  await clock.moveTo(210);
  assertEquals(began, [10, 110, 210]);
  assertEquals(ended(), { ready: true, outcome: "ready", tries: 3 });
  assertEquals(clock.pending, 0);
});

Deno.test("the waiting time starts when the check ends", async () => {
  const checks: PromiseWithResolvers<boolean>[] = [];
  const { clock, began } = poll(() => {
    const check = Promise.withResolvers<boolean>();
    checks.push(check);
    return check.promise;
  });
  await clock.moveTo(5000);
  assertEquals(began, [10]);
  checks[0]!.resolve(false);
  await clock.moveTo(5999);
  assertEquals(began, [10]);
  await clock.moveTo(6000);
  assertEquals(began, [10, 6000]);
});

Deno.test("no limit on tries: polling goes on for ever", async () => {
  const { clock, began, ended } = poll(() => false, { tries: 0, waitingTime: 10, initialSleep: 0 });
  await clock.moveTo(10_000);
  assertEquals(began.length, 1001);
  assertEquals(ended(), undefined);
});

Deno.test("no time limit: 0, the default, and Infinity wait for a slow check, and poll on", async () => {
  for (const limit of [{}, { globalTimeout: 0, localTimeout: 0 }, { globalTimeout: Infinity }]) {
    const slow = Promise.withResolvers<boolean>();
    const { clock, began, ended } = poll(() => slow.promise, limit);
    await clock.moveTo(1e9);
    assertEquals([began, ended()], [[10], undefined]);
    slow.resolve(false);
    await clock.moveTo(2e9);
    assertEquals(ended(), { ready: false, outcome: "gave up", tries: 7 });
  }
});

Deno.test("every default can be written out, or given as undefined", async () => {
  const defaults: PollOptions = {
    initialSleep: 10,
    waitingTime: 1000,
    backoff: 1,
    tries: 7,
    globalTimeout: 0,
    localTimeout: 0,
  };
  const absent = Object.fromEntries(Object.keys(defaults).map((name) => [name, undefined]));
  for (const options of [defaults, { ...absent, jitter: undefined } as unknown as PollOptions]) {
    const { clock, began, ended } = poll(() => false, options);
    await clock.moveTo(60_000);
    assertEquals(began, [10, 1010, 2010, 3010, 4010, 5010, 6010]);
    assertEquals(ended(), { ready: false, outcome: "gave up", tries: 7 });
  }
});

Deno.test("backing off multiplies the sleep, up to ten seconds", async () => {
  const { clock, began } = poll(() => false, { tries: 0, backoff: 2.5, initialSleep: 0 });
  await clock.moveTo(40_000);
  assertEquals(began, [0, 1000, 3500, 9750, 19_750, 29_750, 39_750]);
  const longer = poll(() => false, { tries: 0, backoff: 2, waitingTime: 15_000, initialSleep: 0 });
  await longer.clock.moveTo(31_000);
  assertEquals(longer.began, [0, 15_000, 30_000]);
});

Deno.test("jitter is at most 10 %, belongs to a name, and differs between names", async () => {
  const first = new Set<number>();
  for (let name = 0; name < 100; name++) {
    const options = { tries: 0, jitter: `service-${name}`, initialSleep: 0 };
    const { clock, began } = poll(() => false, options);
    const again = poll(() => false, options);
    await clock.moveTo(20_000);
    await again.clock.moveTo(20_000);
    assertEquals(began, again.began);
    const waits = began.slice(1).map((time, index) => time - began[index]!);
    for (const wait of waits) {
      assertEquals(wait >= 900 && wait <= 1100, true, `a wait of ${wait} ms`);
    }
    first.add(Math.round(waits[0]! / 20));
  }
  assertEquals(first.size >= 8, true, `the first waits of 100 services are all in ${[...first]}`);
});

Deno.test("onFailure is called at each failure, when it happens", async () => {
  const told: unknown[] = [];
  let checks = 0;
  const { clock } = poll(() => {
    if (++checks === 2) throw new Error("no answer");
    return checks > 2;
  }, { onFailure: (...failure) => told.push(failure) });
  await clock.moveTo(1009);
  assertEquals(told, [[1, undefined]]);
  await clock.moveTo(5000);
  assertEquals(told, [[1, undefined], [2, "no answer"]]);
});

Deno.test("the global time limit ends a sleep", async () => {
  const { clock, began, ended } = poll(() => false, { globalTimeout: 1500 });
  await clock.moveTo(1499);
  assertEquals(ended(), undefined);
  await clock.moveTo(1500);
  assertEquals(began, [10, 1010]);
  assertEquals(ended(), { ready: false, outcome: "timed out", tries: 2 });
});

Deno.test("the global time limit ends a check, even one that does not stop", async () => {
  let stopped = false;
  const { clock, ended } = poll((signal) => {
    signal.addEventListener("abort", () => stopped = true);
    return new Promise(() => {});
  }, { globalTimeout: 300 });
  await clock.moveTo(300);
  assertEquals(stopped, true);
  assertEquals(ended(), {
    ready: false,
    outcome: "timed out",
    tries: 1,
    lastFailure: "the check took too long",
  });
});

Deno.test("a check that takes too long is stopped and has failed; the next waits for its end", async () => {
  const checks: PromiseWithResolvers<boolean>[] = [];
  const { clock, began } = poll(() => {
    const check = Promise.withResolvers<boolean>();
    checks.push(check);
    return check.promise;
  }, { localTimeout: 50, waitingTime: 100, tries: 2 });
  await clock.moveTo(5000);
  assertEquals(began, [10], "two checks at once");
  // The check succeeds, but too late.
  checks[0]!.resolve(true);
  await clock.moveTo(5100);
  assertEquals(began, [10, 5100]);
});

Deno.test("a check that throws has failed, and the result has the last error", async () => {
  let checks = 0;
  const { clock, ended } = poll(() => {
    throw new Error(`no answer (${++checks})`);
  }, { tries: 2 });
  await clock.moveTo(2000);
  assertEquals(ended(), {
    ready: false,
    outcome: "gave up",
    tries: 2,
    lastFailure: "no answer (2)",
  });
});

Deno.test("aborting ends a sleep, and leaves no alarm behind", async () => {
  const controller = new AbortController();
  const { clock, ended } = poll(() => false, { signal: controller.signal });
  await clock.moveTo(500);
  controller.abort(new Error("enough"));
  await clock.moveTo(501);
  assertEquals((ended() as Error).message, "enough");
  assertEquals(clock.pending, 0);
});

Deno.test("aborting stops the check that is running", async () => {
  const controller = new AbortController();
  let reason: unknown;
  const { clock } = poll((signal) => {
    signal.addEventListener("abort", () => reason = signal.reason);
    return new Promise(() => {});
  }, { signal: controller.signal });
  await clock.moveTo(100);
  const enough = new Error("enough");
  controller.abort(enough);
  await clock.moveTo(101);
  assertEquals(reason, enough);
});

Deno.test("polling does not begin where the signal is aborted already", async () => {
  await assertRejects(
    () => pollUntilReady(() => true, { signal: AbortSignal.abort(new Error("never")) }),
    Error,
    "never",
  );
});

Deno.test("on the real clock, polling is as fast as it is asked to be", async () => {
  const start = performance.now();
  let checks = 0;
  const result = await pollUntilReady(() => ++checks === 5, { initialSleep: 0, waitingTime: 20 });
  const took = performance.now() - start;
  assertEquals(result, { ready: true, outcome: "ready", tries: 5 });
  assertEquals(took >= 80, true, `5 checks, 20 ms apart, took ${took} ms`);
});
