/** `sv watch`: as lines, and on a real terminal. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { missingPrograms, testNeeding } from "../../support/needs.ts";
import { sv } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { Scan } from "../../support/scan.ts";
import { readyService, ScanDirectory, silentService } from "../../support/scan_directory.ts";
import { until } from "../../support/until.ts";

/** Starts `sv watch` without a terminal; its lines so far. */
function watch(directory: string, ...args: string[]) {
  const [program, ...rest] = [...sv, "watch", ...args];
  const child = new Deno.Command(program!, {
    args: rest,
    env: { SVDIR: directory },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let text = "";
  const read = (async () => {
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) text += chunk;
  })();
  return {
    pid: child.pid,
    lines: () => text.split("\n").slice(0, -1),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await Promise.all([child.status, read]);
    },
  };
}

Deno.test("a line for each change of a state, also of services that come and go", async () => {
  await using directory = await ScanDirectory.make({ web: readyService, off: silentService });
  Deno.writeTextFileSync(`${directory.path}/off/down`, "");
  await using scan = await Scan.start(directory.path);
  await directory.ready("web");
  await using watched = watch(directory.path);
  const said = async (line: RegExp) =>
    await until(() => watched.lines().find((text) => line.test(text)), `a line like ${line}`);
  await said(/^\S+Z web ready: ready for .*, .* after its start$/);
  await said(/^\S+Z off down: not started yet; the file down/);
  await directory.send("web", "d");
  await said(
    / web (ready|stopping) -> down: down for .*; its last life ended by SIGTERM; `sv start web`/,
  );
  await directory.add("new", silentService);
  await said(/ new unsupervised: no supervisor has run here yet/);
  await scan.send("a");
  await said(/ new \w+ -> up: /);
  scan.signal("SIGKILL");
  await said(/ new up -> abandoned: its supervisor is gone, and process \d+ of it still runs/);
  await Deno.rename(`${directory.path}/new`, `${directory.parent}/new`);
  await said(/ new abandoned -> gone$/);
});

Deno.test("as JSON each line is an object, for the services that are named", async () => {
  await using directory = await ScanDirectory.make({ web: readyService, off: silentService });
  await using _scan = await Scan.start(directory.path);
  await directory.ready("web");
  await using watched = watch(directory.path, "--json", "web");
  await until(() => watched.lines().length > 0, "a line");
  await directory.send("web", "d");
  await until(() => watched.lines().some((line) => /"state":"down"/.test(line)), "web to be down");
  const lines = watched.lines().map((line) => JSON.parse(line));
  assertEquals(new Set(lines.map(({ name }) => name)), new Set(["web"]));
  assertEquals([lines[0].version, lines[0].before, lines[0].service.state], [1, null, "ready"]);
  assertEquals(lines.at(-1).service.ready, false);
});

Deno.test("where nothing happens, nothing is done", async () => {
  await using directory = await ScanDirectory.make({ web: readyService, off: silentService });
  await using _scan = await Scan.start(directory.path);
  await directory.ready("web");
  await directory.up("off");
  await using watched = watch(directory.path);
  await until(() => watched.lines().length === 2, "two lines");
  const switches = () =>
    [...Deno.readDirSync(`/proc/${watched.pid}/task`)].map(({ name }) => {
      const status = Deno.readTextFileSync(`/proc/${watched.pid}/task/${name}/status`);
      return Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)![1]);
    }).reduce((sum, count) => sum + count);
  // The runtime needs some seconds until it has nothing left to do.
  let before = switches();
  await until(
    async () => {
      await new Promise((wake) => setTimeout(wake, 2000));
      const now = switches();
      const still = now === before;
      before = now;
      return still;
    },
    "two seconds without a wake-up",
  );
});

/** What a terminal shows, and the keys that are pressed there. */
interface TerminalOfTest {
  readonly tmux: (...args: string[]) => Promise<string>;
  readonly shows: (what: RegExp) => Promise<string>;
}

/** Runs `sv watch` in a terminal of tmux, until `use` has returned and it has ended by the key q. */
async function inTerminal(
  directory: ScanDirectory,
  [width, height]: readonly [number, number],
  use: (terminal: TerminalOfTest) => Promise<void>,
): Promise<void> {
  const socket = `${directory.parent}/tmux`;
  const tmux = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(["tmux", "-S", socket, "-f", "/dev/null", ...args]);
    assertEquals(code, 0, stderr);
    return stdout;
  };
  const command = [...sv, "watch"].map((word) => `'${word}'`).join(" ");
  const size = ["-x", String(width), "-y", String(height)];
  await tmux("new-session", "-d", ...size, `SVDIR='${directory.path}' ${command}`);
  try {
    const shows = async (what: RegExp) => {
      let screen = "";
      return await until(async () => {
        screen = await tmux("capture-pane", "-p");
        return what.test(screen) && screen;
      }, `the screen to show ${what}`).catch((error) => {
        throw new Error(`${error.message}:\n${screen}`);
      });
    };
    await use({ tmux, shows });
    await tmux("send-keys", "q");
    // Its session ends with it, and tmux with its last session.
    await until(
      async () => (await run(["tmux", "-S", socket, "has-session"])).code !== 0,
      "sv watch to end",
    );
  } finally {
    await run(["tmux", "-S", socket, "kill-server"]);
  }
}

testNeeding(
  [missingPrograms("tmux")],
  "on a terminal the table is redrawn, and keys are obeyed",
  async () => {
    await using directory = await ScanDirectory.make({
      web: readyService,
      crash: { run: "#!/bin/sh\nexit 3\n" },
      off: silentService,
    });
    await using _scan = await Scan.start(directory.path);
    await directory.ready("web");
    await inTerminal(directory, [100, 16], async ({ tmux, shows }) => {
      const screen = await shows(/^crash +crashing .*died/m);
      const lines = screen.split("\n");
      assertMatch(lines[0]!, /: 3 services, 1 in trouble$/);
      assertMatch(lines[1]!, /^NAME +STATE +SINCE .* WHY$/);
      assertMatch(lines[3]!, /^off +up +\d\d:\d\d:\d\d +\d+ .*there is no notification-fd/);
      assert(lines.every((line) => [...line].length <= 100));
      await tmux("send-keys", "/", "w", "e", "b", "Enter");
      await shows(/1 with "web"[^]*\nweb +ready/);
      await tmux("send-keys", "j", "Enter");
      await shows(/\n {4}ready: ready for .* after its start/);
      await tmux("send-keys", "d");
      await shows(/stop web\? y\/n/);
      await tmux("send-keys", "y");
      await shows(/\nweb +down .*its last life ended by SIGTERM/);
      await tmux("send-keys", "u");
      await shows(/\nweb +ready /);
      await tmux("resize-window", "-x", "60", "-y", "8");
      const narrow = await shows(/^web +ready +\d\d:\d\d:\d\d/m);
      assert(narrow.split("\n").every((line) => [...line].length <= 60));
    });
  },
);

testNeeding(
  [missingPrograms("tmux")],
  "a long list follows the selection, and l shows what a service has printed",
  async () => {
    const down = { run: "#!/bin/sh\nexec sleep 100000\n", down: "" };
    const names = Array.from({ length: 40 }, (_, index) => `s${String(index).padStart(2, "0")}`);
    await using directory = await ScanDirectory.make({
      ...Object.fromEntries(names.map((name) => [name, down])),
      noisy: {
        ...readyService,
        "log/run": "#!/bin/sh\nexec cat >>out/current\n",
        "log/out/current": "first line\nsecond line\n",
      },
    });
    await using _scan = await Scan.start(directory.path);
    await directory.ready("noisy");
    await directory.up("noisy/log");
    await directory.until("s39", ({ pid }) => pid === 0, "to be supervised");
    for (const size of [[80, 24], [200, 50]] as const) {
      await inTerminal(directory, size, async ({ tmux, shows }) => {
        await shows(/: 42 services\n[^]*\nnoisy +ready[^]*\ns00 +down/);
        await tmux("send-keys", "G");
        const end = await shows(/\ns39 +down/);
        assertEquals(/^s00 /m.test(end), size[1] === 50);
        assertEquals(end.trimEnd().split("\n").length, size[1]);
        assert(end.split("\n").every((line) => [...line].length <= size[0]));
        await tmux("send-keys", "g", "l");
        await shows(/\nthe last lines that \S+ has printed:\n|\nnothing is known of what/);
        await tmux("send-keys", "/", "n", "o", "i", "s", "y", "Enter", "G");
        await shows(/\nthe last lines that noisy has printed:\nfirst line\nsecond line\n/);
        await Deno.writeTextFile(`${directory.path}/noisy/log/out/current`, "a late line\n", {
          append: true,
        });
        await shows(/\na late line\n/);
        await Deno.writeTextFile(
          `${directory.path}/noisy/log/out/current`,
          "first line\nsecond line\n",
        );
      });
    }
  },
);
