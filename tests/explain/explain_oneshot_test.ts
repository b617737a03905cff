import { assertEquals } from "@std/assert";
import { explainOneshot, type OneshotFacts } from "../../lib/explain/explain_oneshot.ts";
import type { State } from "../../lib/explain/states.ts";

const NOW = 1_000_000_000_000_000n;
const ago = (seconds: number) => NOW - BigInt(Math.round(seconds * 1e9));

const FACTS: OneshotFacts = {
  name: "mount",
  now: NOW,
  waitsFor: [],
  rc: { start: "sv rc start mount", isChanging: true },
  standing: "down",
  reached: undefined,
  script: undefined,
  timeout: 0,
};
const ENDED = { ...FACTS.rc, isChanging: false };
const script = { pid: 77, since: ago(42) };

const causes: Record<
  string,
  readonly [Partial<OneshotFacts>, State, reason: string, next: string]
> = {
  "hangs": [
    { standing: "starting", script },
    "starting",
    "its script up has not ended for 42 s: process 77 still runs",
    "it may take as long as it likes, as there is no timeout-up",
  ],
  "hangs, with a limit": [
    { standing: "starting", script, timeout: 60_000 },
    "starting",
    "its script up has not ended for 42 s: process 77 still runs",
    "given up in 18 s (timeout-up)",
  ],
  "hangs on its way down": [
    { standing: "stopping", script: { pid: 77, since: undefined }, timeout: 1000 },
    "stopping",
    "its script down has not ended: process 77 still runs",
    "given up at any moment (timeout-down)",
  ],
  "left behind by a command": [
    { standing: "starting", script, rc: ENDED },
    "starting",
    "its script up has not ended for 42 s: process 77 still runs",
    "the command that ran it has ended; `sv rc start mount` waits for the script, and runs it again",
  ],
  "about to be run": [{ standing: "starting" }, "starting", "its script is about to be run", ""],
  "fails": [
    { rc: { ...ENDED, failure: { why: "its script exited 32", at: ago(5) } } },
    "failed",
    "sv rc could not start it 5 s ago: its script exited 32",
    "once the cause is mended, `sv rc start mount` tries again",
  ],
  "fails on its way down": [
    {
      standing: "stopping",
      rc: {
        ...ENDED,
        wanted: { direction: "down", since: ago(6) },
        failure: { why: "its script exited 32", at: ago(5) },
      },
    },
    "failed",
    "sv rc could not stop it 5 s ago: its script exited 32",
    "once the cause is mended, stop it again",
  ],
  "half done": [
    { standing: "starting", rc: ENDED },
    "failed",
    "the command that ran its script ended before the script did, so it may be half done",
    "`sv rc start mount` runs the script again",
  ],
  "waits": [
    { waitsFor: [{ name: "disk", state: "starting", reason: "not ready for 3 s" }] },
    "waiting",
    "it needs disk, and disk is starting: not ready for 3 s",
    "sv rc starts it as soon as what it needs is ready",
  ],
  "up": [{ standing: "up", reached: ago(180) }, "ready", "its script has succeeded 3 min ago", ""],
  "up, since long ago": [{ standing: "up" }, "ready", "its script has succeeded", ""],
  "down": [{}, "down", "not started", "`sv rc start mount` runs its script"],
};

for (const [cause, [facts, state, reason, next]] of Object.entries(causes)) {
  Deno.test(`a oneshot explained: ${cause}`, () => {
    assertEquals(explainOneshot({ ...FACTS, ...facts }), { state, reason, next });
  });
}
