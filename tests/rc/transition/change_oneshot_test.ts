/** A script of a oneshot never runs twice at once, whatever has become of the command that started it. */
import { assertEquals, assertMatch } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { isAlive } from "../../support/processes.ts";
import { type Random, seeded } from "../../support/random.ts";
import { start } from "../../support/start.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { until } from "../../support/until.ts";
import { within } from "../../support/within.ts";
import { LiveServices } from "../live_services.ts";

/** A oneshot whose scripts run until there is a file `go`, and note where there are two at once. */
class Oneshot implements AsyncDisposable {
  private constructor(
    readonly services: LiveServices,
    readonly place: string,
    private readonly resources: AsyncDisposableStack,
  ) {}

  /**
   * @param files Further files of it, by path.
   * @param wait Whether its scripts wait for `go`.
   * @param through A command line that becomes the script.
   */
  static async make(
    files: Readonly<Record<string, string>> = {},
    wait = true,
    through = "",
  ): Promise<Oneshot> {
    await using resources = new AsyncDisposableStack();
    const { path } = resources.use(await temporaryDirectory());
    const script =
      `trap '' TERM; cd ${path}; mkdir running || echo $$ >>faults; echo $$ >>starts; ` +
      (wait ? "while [ ! -e go ]; do sleep 0.01; done; " : "sleep 0.02; ") + "rmdir running";
    const services = resources.use(
      await LiveServices.start({
        "o/type": "oneshot\n",
        "o/up": `${through} sh -c "${script.replaceAll("$", "\\$")}"\n`,
        "o/down": `${through} sh -c "${script.replaceAll("$", "\\$")}"\n`,
        ...files,
      }),
    );
    return new Oneshot(services, path, resources.move());
  }

  /** The processes that the scripts had. */
  starts(): number[] {
    if (!existsSync(`${this.place}/starts`)) return [];
    return Deno.readTextFileSync(`${this.place}/starts`).split("\n").slice(0, -1).map(Number);
  }

  /** Waits until a script runs, and returns its process. */
  async running(): Promise<number> {
    return await until(() => this.starts().at(-1), "a script to run");
  }

  /** Lets the scripts end. */
  go(): void {
    Deno.writeTextFileSync(`${this.place}/go`, "");
  }

  get faults(): boolean {
    return existsSync(`${this.place}/faults`);
  }

  /** Starts the oneshot by a command that is killed while the script runs; returns the script's process. */
  async killedWhileItStarts(): Promise<number> {
    const killed = start(this.services.command("start", "o"));
    const pid = await this.running();
    try {
      killed.kill("SIGKILL");
    } catch {
      // Its time was over: the script has ignored SIGTERM.
    }
    await killed.status;
    return pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.resources.disposeAsync();
  }
}

/** Starts a command, and collects what it writes on stderr. */
function listened([program, ...args]: readonly string[]) {
  const child = new Deno.Command(program!, { args, stdin: "null", stderr: "piped" }).spawn();
  const heard = { text: "" };
  const ended = (async () => {
    const decoder = new TextDecoder();
    for await (const bytes of child.stderr) heard.text += decoder.decode(bytes, { stream: true });
    return (await child.status).code;
  })();
  return { child, heard, ended };
}

/** What the record of a script's process is at a kill. */
const RECORDS: Readonly<Record<string, (record: string) => void>> = {
  "once it is recorded": () => {},
  "before it is recorded": (record) => {
    const [, ticks, boot] = Deno.readTextFileSync(record).split(/\s/);
    Deno.writeTextFileSync(record, `starting ${ticks} ${boot} script\n`);
  },
};

for (const [when, change] of Object.entries(RECORDS)) {
  for (const verb of ["start", "stop"]) {
    Deno.test(`${verb} waits for the script that a start left which was killed ${when}`, async () => {
      await using oneshot = await Oneshot.make();
      const { services } = oneshot;
      const pid = await oneshot.killedWhileItStarts();
      change(`${services.live}/scripts/o`);
      const again = listened(services.command(verb, "o"));
      await until(() => again.heard.text.includes(`still runs as process ${pid}`), "a warning");
      assertEquals([oneshot.starts(), isAlive(pid)], [[pid], true]);
      oneshot.go();
      assertEquals(await within(again.ended, `the end of ${verb}`), 0);
      assertEquals([oneshot.starts().length, oneshot.faults], [2, false]);
      assertEquals(await services.up(), verb === "start" ? ["o"] : []);
    });
  }
}

Deno.test("a script that has given up its environment before it was recorded is waited for, too", async () => {
  await using oneshot = await Oneshot.make({}, true, "env -i PATH=/usr/bin:/bin");
  const { services } = oneshot;
  const pid = await oneshot.killedWhileItStarts();
  const record = `${services.live}/scripts/o`;
  RECORDS["before it is recorded"]!(record);
  const again = listened(services.command("start", "o"));
  const doubt = new RegExp(`process .*\\b${pid}\\b.* may be that script: .* remove ${record},`);
  await until(() => doubt.test(again.heard.text), "a warning");
  assertEquals([oneshot.starts(), isAlive(pid)], [[pid], true]);
  // The remedy that the warning names: that process is no script, says the administrator.
  again.child.kill("SIGINT");
  assertEquals(await within(again.ended, "the interrupted command"), 1);
  Deno.removeSync(record);
  oneshot.go();
  await until(() => !isAlive(pid), "the script's end");
  const { code, stderr } = await services.rc("start", "o");
  assertEquals([code, stderr, oneshot.faults], [0, "", false]);
});

Deno.test("a start that waits for such a script gives up in time, and then starts none", async () => {
  await using oneshot = await Oneshot.make({ "o/timeout-up": "1000\n" });
  const pid = await oneshot.killedWhileItStarts();
  const { code, stderr } = await oneshot.services.rc("start", "o");
  assertEquals(code, 1);
  assertMatch(stderr, new RegExp(`process ${pid}, did not end within 1000 milliseconds`));
  oneshot.go();
  await until(() => !isAlive(pid), "the script's end");
  assertEquals([oneshot.starts(), oneshot.faults], [[pid], false]);
  assertEquals((await oneshot.services.rc("start", "o")).code, 0);
});

Deno.test("a script that ended long ago is not waited for, nor is a stranger with its process id", async () => {
  await using oneshot = await Oneshot.make();
  oneshot.go();
  assertEquals((await oneshot.services.rc("start", "o")).code, 0);
  const record = `${oneshot.services.live}/scripts/o`;
  const [, , boot] = Deno.readTextFileSync(record).split(/\s/);
  Deno.writeTextFileSync(record, `${Deno.pid} 1 ${boot} script\n`);
  const { code, stderr } = await oneshot.services.rc("stop", "o");
  assertEquals([code, stderr], [0, ""]);
  assertEquals([oneshot.starts().length, oneshot.faults], [2, false]);
});

Deno.test(
  "commands that are killed at any moment never run two scripts at once",
  seeded(5, async (random: Random) => {
    await using oneshot = await Oneshot.make({}, false);
    for (let round = 0; round < 15; round++) {
      const child = start(oneshot.services.command(random.pick(["start", "stop"]), "o"));
      await new Promise((wake) => setTimeout(wake, 20 + random.below(120)));
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended already.
      }
      await child.status;
    }
    const { code, stderr } = await oneshot.services.rc("start", "o");
    assertEquals(code, 0);
    if (stderr !== "") assertMatch(stderr, /still runs as process|may be that script/);
    assertEquals(oneshot.faults, false);
  }),
);
