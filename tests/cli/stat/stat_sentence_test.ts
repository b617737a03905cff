import { assertEquals } from "@std/assert";
import { fields, type Observation } from "../../../lib/cli/stat/stat_fields.ts";
import { sentence, sentenceOfS6 } from "../../../lib/cli/stat/stat_sentence.ts";
import { exited, signaled } from "../../../lib/os/wait_status.ts";
import type { ServiceStatus } from "../../../lib/servicedir/status.ts";

const NOW = 1_795_224_908_000_000_000n;
const DOWN: ServiceStatus = {
  stamp: NOW - 164_900_000_000n,
  readyStamp: NOW - 3_000_000_000n,
  pid: 0,
  waitStatus: exited(3),
  paused: false,
  finishing: false,
  wantUp: false,
  ready: false,
  finished: false,
};
const REASON = "cannot start ./run: it is not executable; use chmod +x on it";

const UP = { ...DOWN, pid: 42, wantUp: true };

function observe(status: ServiceStatus, normallyUp = true): Observation {
  return { status, normallyUp, now: NOW };
}

// As printed by s6-svstat of s6 2.15.
const sentences: [ServiceStatus, boolean, string][] = [
  [UP, true, "up (pid 42 pgid 42) 164 seconds"],
  [UP, false, "up (pid 42 pgid 42) 164 seconds, normally down"],
  [{ ...UP, ready: true }, true, "up (pid 42 pgid 42) 164 seconds, ready 3 seconds"],
  [
    { ...UP, paused: true, wantUp: false, ready: true },
    true,
    "up (pid 42 pgid 42) 164 seconds, paused, want down, ready 3 seconds",
  ],
  [DOWN, true, "down (exitcode 3) 164 seconds, normally up"],
  [DOWN, false, "down (exitcode 3) 164 seconds"],
  [
    { ...DOWN, wantUp: true, finished: true },
    true,
    "down (exitcode 3) 164 seconds, normally up, want up, ready 3 seconds",
  ],
  [{ ...DOWN, waitStatus: signaled(15) }, false, "down (signal SIGTERM) 164 seconds"],
  [{ ...DOWN, waitStatus: signaled(11, true) }, false, "down (signal SIGSEGV) 164 seconds"],
  [{ ...DOWN, waitStatus: signaled(34) }, false, "down (signal SIG???) 164 seconds"],
  [
    { ...UP, finishing: true, paused: true },
    true,
    "down (exitcode 3) 164 seconds, normally up, want up",
  ],
  [{ ...DOWN, paused: true, finished: true }, true, "down (not started yet) , normally up"],
  [{ ...DOWN, paused: true, wantUp: true }, false, "down (not started yet) , want up"],
];

Deno.test("the sentence on a service is that of s6-svstat, to the byte", () => {
  for (const [status, normallyUp, expected] of sentences) {
    assertEquals(sentenceOfS6(observe(status, normallyUp), false), expected);
  }
});

Deno.test("the sentence of sv calls no service ready that is down, and says why it is", () => {
  const inWords = (status: ServiceStatus, more: Partial<Observation> = {}) =>
    sentence({ ...observe(status), ...more }, false);
  assertEquals(
    inWords({ ...UP, ready: true }),
    "up (pid 42 pgid 42) 164 seconds, ready 3 seconds",
  );
  assertEquals(
    inWords({ ...DOWN, wantUp: true, finished: true }),
    "down (exitcode 3) 164 seconds, normally up, want up",
  );
  assertEquals(
    inWords({ ...UP, finishing: true }),
    "down (exitcode 3) 164 seconds, normally up, want up, finish is running",
  );
  assertEquals(
    inWords({ ...DOWN, paused: true, finished: true }),
    "down (not started yet), normally up",
  );
  assertEquals(
    inWords({ ...DOWN, wantUp: true }, { failure: { kind: "start", reason: REASON } }),
    `down (exitcode 3) 164 seconds, normally up, want up, ${REASON}`,
  );
  assertEquals(
    inWords({ ...DOWN }, { failure: { kind: "permanent", reason: "it\n\x1b[31mfailed" } }),
    "down (exitcode 3) 164 seconds, normally up, it  [31mfailed",
  );
});

Deno.test("a signal is given by number when asked for", () => {
  const killed = observe({ ...DOWN, waitStatus: signaled(15) }, false);
  assertEquals(sentence(killed, true), "down (signal 15) 164 seconds");
});

Deno.test("a moment in the future is no time ago", () => {
  assertEquals(fields["readyfor"]!(observe({ ...UP, readyStamp: NOW + 5_000_000_000n })), "0");
});
