/** Whatever is left in the files of a scan, or of `sv rc`, is understood exactly or refused. */
import { assert, assertEquals } from "@std/assert";
import { readSources } from "../../lib/rc/definitions/source.ts";
import { checkDefinitions } from "../../lib/rc/definitions/check.ts";
import { Graph } from "../../lib/rc/definitions/graph.ts";
import { ScriptError, splitCommandLine } from "../../lib/rc/definitions/script.ts";
import { formatLiveState, parseLiveState } from "../../lib/rc/live/live_state.ts";
import { criticalPath } from "../../lib/rc/report/critical_path.ts";
import { advice, plotStart } from "../../lib/rc/report/plot.ts";
import { parseStartRecord } from "../../lib/rc/report/start_record.ts";
import { FORMAT, formatSnapshot, parseSnapshot } from "../../lib/scan/snapshot.ts";
import { SnapshotError } from "../../lib/scan/snapshot_field.ts";
import { formatOutcome, parseOutcome } from "../../lib/scan/upgrade_outcome.ts";
import {
  commandInput,
  initialState,
  type Input,
  isRunning,
  PHASES,
  step,
} from "../../lib/supervise/machine.ts";
import { seeded } from "../support/random.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { bytesOf, damaged, hostile, rounds } from "./bytes.ts";

Deno.test(
  "[fuzz] a state file of sv rc is read as it was written, or refused",
  seeded(21, (random) => {
    const texts = [
      "definitions 1\n",
      "definitions a\nupdating b\nup web\nstarting db\nstopping x y\n",
    ];
    for (let round = 0; round < rounds(3000); round++) {
      const state = parseLiveState(hostile(random, ...texts));
      if (state !== undefined) assertEquals(parseLiveState(formatLiveState(state)), state);
    }
  }),
);

const SNAPSHOT = JSON.stringify({
  ...{ format: FORMAT, version: "0.1.0", askers: ["asker:@40"], control: 20, lock: 21 },
  ...{ softNofile: 1024, ignoredSignals: [1, 13], loggers: [[0, 1]] },
  services: [
    {
      ...{ name: "web", identity: "0:27:13", active: true, pipeEnd: 22 },
      service: {
        state: {
          ...{ phase: "up", pid: 4711, wantUp: true, ready: false, paused: false },
          ...{ waitStatus: 256, wasReady: true },
        },
        ...{ stamp: "17", readyStamp: "17", readyAt: 13.5, timer: 14.5, statusIsStale: true },
        ...{ detached: false, foreign: true },
        descriptors: { directory: 23, control: 24, lock: 25, notification: 26 },
      },
    },
    { name: "web/log", identity: "0:27:14", active: true, pipeEnd: 27 },
    { name: "broken", identity: "0:27:15", active: false, retryAt: 1481.5, retryDelay: 4000 },
  ],
});

Deno.test(
  "[fuzz] a snapshot is resumed as it was written, or refused with the field that is wrong",
  seeded(22, (random) => {
    for (let round = 0; round < rounds(5000); round++) {
      const text = hostile(random, SNAPSHOT);
      try {
        const snapshot = parseSnapshot(text);
        assertEquals(parseSnapshot(formatSnapshot(snapshot)), snapshot);
      } catch (error) {
        if (!(error instanceof SnapshotError)) throw error;
        assert(/: .*(is|are) /.test(error.message), error.message);
      }
    }
  }),
);

Deno.test(
  "[fuzz] the answer to an upgrade is understood, or there is none",
  seeded(23, (random) => {
    const lines = [
      formatOutcome({ upgraded: true, from: "1", to: "2" }),
      formatOutcome({ upgraded: false, reason: "it can't" }),
      "null\n",
      "[]\n",
    ];
    for (let round = 0; round < rounds(2000); round++) {
      const outcome = parseOutcome(hostile(random, ...lines));
      if (outcome !== undefined) assertEquals(parseOutcome(formatOutcome(outcome)), outcome);
    }
  }),
);

const START = JSON.stringify({
  date: 1795273004665,
  services: [
    { name: "a", type: "oneshot", dependencies: [], ordered: 0, spawned: 1.5, ready: 2 },
    { name: "b", type: "longrun", dependencies: ["a"], ordered: 2, spawned: 3, ready: 9.25 },
    { name: "c", type: "longrun", dependencies: ["a", "b"], ordered: 9, spawned: 9 },
    { name: "d", type: "longrun", dependencies: ["e"], ordered: 9, spawned: 9, ready: 10 },
    { name: "e", type: "oneshot", dependencies: ["d"], ordered: 9, spawned: 9, ready: 10 },
  ],
});

Deno.test(
  "[fuzz] the record of a start can be drawn, or is refused",
  seeded(24, (random) => {
    let drawn = 0;
    for (let round = 0; round < rounds(2000); round++) {
      const text = hostile(random, START);
      const record = parseStartRecord(text);
      if (record === undefined) continue;
      drawn++;
      const picture = plotStart(record) + advice(record, criticalPath(record)).join("\n");
      assert(!/NaN|Infinity|undefined/.test(picture), text);
    }
    assert(drawn > 0);
  }),
);

Deno.test(
  "[fuzz] the script of a oneshot is words, or refused",
  seeded(25, (random) => {
    for (let round = 0; round < rounds(3000); round++) {
      const text = hostile(random, 'echo "a\\n\\x41 b" c\\ d # end\n', "a { b } c\n", "''");
      try {
        assert(splitCommandLine(text, "x").every((word) => typeof word === "string"));
      } catch (error) {
        if (!(error instanceof ScriptError)) throw error;
      }
    }
  }),
);

Deno.test("[fuzz] damaged definitions are reported, and what is left of them is a graph", async () => {
  await using place = await temporaryDirectory();
  await seeded(26, async (random) => {
    for (let round = 0; round < rounds(40); round++) {
      const source = `${place.path}/${round}`;
      await Deno.mkdir(source);
      for (const name of ["a", "b", "c", "d"]) {
        await Deno.mkdir(`${source}/${name}`);
        const type = random.pick(["longrun\n", "oneshot\n", "bundle\n"]);
        const files: Record<string, string> = {
          ...{ type: random.chance(0.1) ? damaged(random, type) : type, run: "x", up: "true\n" },
          dependencies: type === "bundle\n" ? "" : hostile(random, "", "a\n", "b\n", "c\n#d\n"),
          contents: random.chance(0.5) ? "d\n" : hostile(random, "a\nb\n", "c\n"),
          "notification-fd": hostile(random, "3\n", "4\n"),
          "timeout-up": hostile(random, "1000\n"),
          "producer-for": random.chance(0.1) ? "b\n" : "",
        };
        if (files["producer-for"] === "") delete files["producer-for"];
        for (const [file, text] of Object.entries(files)) {
          await Deno.writeFile(`${source}/${name}/${file}`, bytesOf(text));
        }
      }
      const { definitions, faults } = readSources([source]);
      const all = [...faults, ...checkDefinitions(definitions)];
      for (const { message } of all) assert(message !== "" && !message.includes("undefined"));
      if (all.some(({ severity }) => severity === "error")) continue;
      assert(new Graph(definitions).nodes.length <= 4);
    }
  })();
});

Deno.test(
  "[fuzz] no byte on a control FIFO brings a service into a state that there is not",
  seeded(27, (random) => {
    for (let round = 0; round < rounds(300); round++) {
      let state = initialState(random.chance(0.5));
      let pid = 100;
      const feed = (input: Input): void => {
        const [next, effects] = step(state, input);
        state = next;
        assert(PHASES.includes(state.phase));
        assertEquals(state.phase === "down", state.pid === 0, JSON.stringify(state));
        for (const effect of effects) {
          if (effect.do === "start") feed({ name: "started", pid: ++pid });
          else if (effect.do === "finish") {
            feed(
              random.chance(0.5) ? { name: "finishAbsent" } : { name: "finishStarted", pid: ++pid },
            );
          } else if (effect.do === "signal") assertEquals(effect.pid, state.pid);
        }
      };
      for (let act = 0; act < 100; act++) {
        const input = commandInput(random.below(256));
        if (input !== undefined) feed(input);
        if (random.chance(0.1)) feed({ name: "timer" });
        if (random.chance(0.1) && isRunning(state.phase)) feed({ name: "newline" });
        if (random.chance(0.1) && state.pid !== 0) {
          feed({ name: "death", status: random.below(65536) });
        }
      }
    }
  }),
);
