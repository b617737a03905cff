import { assertEquals, assertMatch } from "@std/assert";
import { exists } from "@std/fs/exists";
import { join } from "@std/path";
import { writeFiles } from "../../support/files.ts";
import { svCommand } from "../../support/program.ts";
import { seeded } from "../../support/random.ts";
import { run } from "../../support/run.ts";
import { start } from "../../support/start.ts";
import { until } from "../../support/until.ts";
import { longrun } from "../definitions_folder.ts";
import { LiveServices } from "../live_services.ts";
import { writeFifo } from "../../support/write_fifo.ts";

/** `SV_RECOVERY_ROUNDS=100 SV_SEED=7 ./scripts/test recovery` kills more often, at other moments. */
const ROUNDS = Number(Deno.env.get("SV_RECOVERY_ROUNDS") ?? 5);
const NAMES = ["a", "b", "c", "d", "e"];
const DEFINITIONS = {
  ...longrun("a", [], 0.03),
  ...longrun("b", ["a"], 0.03),
  ...longrun("c", ["a"], 0.06),
  ...longrun("d", ["b", "c"], 0.03),
  "e/type": "oneshot\n",
  "e/dependencies.d/d": "",
  "e/up": "sleep 0.02\n",
  "e/down": "sleep 0.02\n",
};

/** Starts a command and kills it after the time given, if it still runs then. */
async function killed(command: readonly string[], milliseconds: number): Promise<void> {
  const child = start(command);
  await new Promise((wake) => setTimeout(wake, milliseconds));
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended already.
  }
  await child.status;
}

async function assertAllUp(services: LiveServices): Promise<void> {
  assertEquals(await services.up(), NAMES);
  for (const name of NAMES.slice(0, 4)) assertMatch(String(await services.pid(name)), /^\d+$/);
  assertEquals((await services.rc("diff")).stdout, "");
}

async function assertAllDown(services: LiveServices): Promise<void> {
  assertEquals(await services.up(), []);
  for (const name of NAMES.slice(0, 4)) assertEquals(await services.pid(name), undefined);
  assertEquals((await services.rc("diff")).stdout, "");
}

Deno.test(
  "a start that is killed at any moment can be gone on with, or undone",
  seeded(1, async (random) => {
    await using services = await LiveServices.start(DEFINITIONS);
    for (let round = 0; round < ROUNDS; round++) {
      await killed(services.command("start", "e"), 30 + random.below(250));
      if (random.chance(0.5)) {
        const { code, stderr } = await services.rc("start", "e");
        assertEquals([code, stderr], [0, ""]);
        await assertAllUp(services);
      }
      const { code, stderr } = await services.rc("stop", "a");
      assertEquals([code, stderr], [0, ""]);
      await assertAllDown(services);
    }
  }),
);

Deno.test(
  "a stop that is killed at any moment can be gone on with, or undone",
  seeded(2, async (random) => {
    await using services = await LiveServices.start(DEFINITIONS);
    for (let round = 0; round < ROUNDS; round++) {
      assertEquals((await services.rc("start", "e")).code, 0);
      await killed(services.command("stop", "a"), 30 + random.below(120));
      if (random.chance(0.5)) {
        assertEquals((await services.rc("start", "e")).code, 0);
        await assertAllUp(services);
      }
      const { code, stderr } = await services.rc("stop", "a");
      assertEquals([code, stderr], [0, ""]);
      await assertAllDown(services);
    }
  }),
);

Deno.test(
  "an update that is killed at any moment has not begun, or is completed",
  seeded(3, async (random) => {
    await using services = await LiveServices.start(DEFINITIONS);
    for (let round = 0; round < ROUNDS; round++) {
      assertEquals((await services.rc("start", "e")).code, 0);
      const added = `added-${round}`;
      await writeFiles(services.source, {
        ...longrun(added, ["b"]),
        "b/data/round": String(round),
      });
      if (round > 0) {
        await Deno.remove(join(services.source, `added-${round - 1}`), { recursive: true });
      }
      await killed(services.command("update"), 20 + random.below(400));
      const { code, stderr } = await services.rc("update");
      // It says what it restarts and stops, if that is left to do, and nothing else.
      const rest = stderr.replaceAll(/^sv rc update: (restart|stop) \S+: its? .*\n/gm, "");
      assertEquals([code, rest], [0, ""]);
      assertEquals((await services.rc("start", added, "e")).code, 0);
      assertEquals((await services.up()).filter((name) => name !== added), NAMES);
      const data = join(services.live, "servicedirs/b/data/round");
      assertEquals(await Deno.readTextFile(data), String(round));
      const links = [...Deno.readDirSync(services.scandir)].map(({ name }) => name);
      assertEquals(links.filter((name) => name.startsWith("added")), [added]);
      assertEquals((await services.rc("diff")).stdout, "");
    }
  }),
);

Deno.test("an interrupt stops what is on its way up, waits for scripts, and exits 1", async () => {
  await using services = await LiveServices.start({
    ...longrun("a"),
    ...longrun("b", ["a"], 1000),
    ...longrun("c", ["b"]),
    "o/type": "oneshot\n",
    "o/dependencies.d/a": "",
    "o/up": `sh -c ": >$PLACE/begun; sleep 0.3"\n`,
    "all/type": "bundle\n",
    "all/contents.d/c": "",
    "all/contents.d/o": "",
  });
  const [program, ...args] = services.command("start", "-v", "2", "all");
  const command = new Deno.Command(program!, {
    args,
    env: { PLACE: services.place },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  await until(
    async () => await Deno.stat(join(services.place, "begun")).catch(() => undefined),
    "the oneshot to begin",
  );
  command.kill("SIGINT");
  const { code, stderr } = await command.output();
  assertEquals(code, 1);
  const said = new TextDecoder().decode(stderr);
  assertMatch(said, /warning: unable to start service b: interrupted/);
  assertMatch(said, /service o: successfully started/);
  assertEquals(await services.up(), ["a", "o"]);
  await until(async () => await services.pid("b") === undefined, "b to be stopped");
  assertEquals((await services.rc("diff")).stdout, "");
});

Deno.test("two commands don't change the same services at the same time", async () => {
  await using services = await LiveServices.start({
    ...longrun("a"),
    // Ready when the test writes into the FIFO.
    "a/run": `#!/bin/sh\nmkfifo go\nread -r _ <go\necho >&3\nexec 3>&-\nexec sleep 1000\n`,
    ...longrun("b"),
  });
  const first = services.rc("start", "a");
  await until(
    () => exists(join(services.scandir, "a/go")),
    "the first command to start a",
  );
  const listed = await services.rc("list", "-a");
  assertEquals([listed.code, listed.stdout], [0, ""]);
  const second = await services.rc("start", "b");
  assertEquals(second.code, 111);
  assertMatch(second.stderr, /another command is at work on it; wait for it to end, or use -b/);
  const third = services.rc("start", "-b", "b");
  await writeFifo(join(services.scandir, "a/go"), "\n");
  assertEquals((await first).code, 0);
  assertEquals((await third).code, 0);
  assertEquals(await services.up(), ["a", "b"]);
});

Deno.test("init can be repeated, and says what stands in its way", async () => {
  await using services = await LiveServices.start(longrun("a"));
  assertEquals((await services.rc("start", "a")).code, 0);
  const again = await services.rc("init", services.scandir, services.source);
  assertEquals(again.code, 0);
  assertEquals(await services.up(), ["a"]);
  const elsewhere = join(services.place, "nowhere");
  await Deno.mkdir(elsewhere);
  const other = await services.rc("init", elsewhere, services.source);
  assertEquals(other.code, 100);
  assertMatch(other.stderr, /no scan is running there; start sv scan/);
});

Deno.test("without a live directory every command says what to do", async () => {
  for (const line of ["start a", "list -a", "diff", "graph", "plot", "update"]) {
    const [verb, ...args] = line.split(" ");
    const command = [...svCommand("rc"), verb!, "-l", "/nonexistent/live", ...args];
    const { code, stderr } = await run(command);
    assertEquals(code, 111);
    assertMatch(stderr, /there is no live state; run sv rc init first/);
  }
});

Deno.test("a live directory whose state is garbage is not guessed at", async () => {
  await using services = await LiveServices.start(longrun("a"));
  await Deno.writeTextFile(join(services.live, "state"), "what is this");
  const { code, stderr } = await services.rc("list", "-a");
  assertEquals(code, 4);
  assertMatch(stderr, /it is not a state file of sv rc/);
});
