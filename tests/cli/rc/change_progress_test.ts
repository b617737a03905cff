import { assertEquals, assertMatch } from "@std/assert";
import {
  PlainProgress,
  type Progressing,
  progressLine,
} from "../../../lib/cli/rc/change_progress.ts";
import { longrun } from "../../rc/definitions_folder.ts";
import { LiveServices } from "../../rc/live_services.ts";
import { missingPrograms, testNeeding } from "../../support/needs.ts";
import { run } from "../../support/run.ts";
import { until } from "../../support/until.ts";

const NARROW = { width: 40, colors: false };

function waiting(...names: readonly string[]): Progressing {
  return {
    doing: "starting",
    done: 1,
    all: 4,
    awaited: names.map((name) => ({
      name,
      since: new Date(2026, 0, 1, 12, 34, 56).getTime(),
      reason: "not ready for 3 s: asked 12 times",
    })),
  };
}

Deno.test("the line says what is waited for since when, and fits", () => {
  const wide = { width: undefined, colors: false };
  assertEquals(
    progressLine(waiting("db", "net"), wide),
    "starting: 1 of 4 done; waiting for db and 1 more since 12:34:56: asked 12 times",
  );
  assertEquals(progressLine(waiting(), wide), "starting: 1 of 4 done");
  const cut = progressLine(waiting("db"), NARROW);
  assertEquals([cut.length, cut.at(-1)], [39, "…"]);
  const colored = progressLine(waiting("db"), { width: 80, colors: true });
  assertEquals(colored.startsWith("\x1b[1mstarting: 1 of 4 done\x1b[m; waiting"), true);
});

Deno.test("plain lines come at growing distances, one for each of a few services", async () => {
  const lines: string[] = [];
  const times: number[] = [];
  const many = ["a", "b", "c", "d", "e", "f", "g"];
  const say = (line: string) => {
    lines.push(line);
    times.push(performance.now());
  };
  const begun = performance.now();
  {
    using _progress = new PlainProgress(() => waiting(...many), say, 40);
    await until(() => lines.length >= 18, "three reports");
  }
  assertMatch(lines[0]!, /^still waiting for a, .*: asked 12 times$/);
  assertEquals(lines[5], "still waiting for f and g");
  assertEquals(lines[6], lines[0]!.replace(/, \d.*:/, /, \d.*:/.exec(lines[6]!)![0]));
  // After 40, 80, 160 milliseconds; timers may come late, and never early.
  const [first, second, third] = [times[0]! - begun, times[6]! - begun, times[12]! - begun];
  assertEquals([first! >= 39, second! >= 79, third! >= 158], [true, true, true]);
});

testNeeding(
  [missingPrograms("tmux")],
  "on a terminal the line is drawn in place, and gone in the end",
  async () => {
    await using services = await LiveServices.start({
      ...longrun("slow"),
      "slow/run": "#!/bin/sh\nwhile [ ! -e go ]; do sleep 0.05; done\necho >&3\nexec sleep 1000\n",
      ...longrun("web", ["slow"]),
    });
    const tmux = (...args: string[]) =>
      run(["tmux", "-S", `${services.place}/tmux`, "-f", "/dev/null", ...args]);
    const command = [...services.command("start", "-v2", "web"), "; echo code $?; sleep 1000"];
    await tmux("new-session", "-d", "-x", "80", "-y", "20", command.join(" "));
    const screen = async () => (await tmux("capture-pane", "-p", "-t", ":0")).stdout;
    try {
      await until(
        async () =>
          /^starting: 0 of 2 done; waiting for slow since \d\d:\d\d:\d\d: no newline has come/m
            .test(await screen()),
        "the line",
      );
      await Deno.writeTextFile(`${services.directory("slow")}/go`, "");
      const last = await until(async () => {
        const text = await screen();
        return text.includes("code 0") && text;
      }, "the end");
      // The runtime may say something of its own to a terminal.
      const ours = last.split("\n").filter((line) => /^(sv rc start|starting|code)\b/.test(line));
      assertEquals(ours, [
        "sv rc start: service slow: starting",
        "sv rc start: service slow: successfully started",
        "sv rc start: service web: starting",
        "sv rc start: service web: successfully started",
        "code 0",
      ]);
    } finally {
      await tmux("kill-server");
    }
  },
);
