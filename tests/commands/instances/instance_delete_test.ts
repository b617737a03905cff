import { assert, assertEquals, assertMatch } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { DEADLINE } from "../../support/deadline.ts";
import { sv } from "../../support/program.ts";
import { type Finished, run } from "../../support/run.ts";
import { Scan } from "../../support/scan.ts";
import { ScanDirectory } from "../../support/scan_directory.ts";
import { until } from "../../support/until.ts";

/** A template whose finish script ends when there is a file `go` beside the scan directory. */
const SLOW = {
  run: '#!/bin/sh\necho "$1" >>../../started\necho >&3\nexec 3>&-\nexec sleep 100000\n',
  finish: "#!/bin/sh\necho >../../finishing\n" +
    "until [ -e ../../go ]; do sleep 0.02; done\necho >>../../finished\n",
  "notification-fd": "3\n",
  "timeout-finish": "0\n",
};

function instance(directory: ScanDirectory, ...args: string[]): Promise<Finished> {
  return run([...sv, "instance", ...args], { env: { SVDIR: directory.path } });
}

/** Starts a scan with the instance `web@one`. */
async function withInstance(
  call: (directory: ScanDirectory, beside: (name: string) => string) => Promise<void>,
): Promise<void> {
  await using directory = await ScanDirectory.make({
    "web@": SLOW,
    "web@plain": { run: SLOW.run },
  });
  await using _scan = await Scan.start(directory.path);
  assertEquals((await instance(directory, "create", "-wU", `-t${DEADLINE}`, "web@one")).code, 0);
  await call(directory, (name) => `${directory.parent}/${name}`);
}

function hidden(directory: ScanDirectory): string[] {
  return [...Deno.readDirSync(directory.path)].map(({ name }) => name)
    .filter((name) => /^\.(rm|mk)/.test(name));
}

Deno.test("a delete that is killed while the instance goes down can be repeated", async () => {
  await withInstance(async (directory, beside) => {
    const child = new Deno.Command(sv[0]!, {
      args: [...sv.slice(1), "instance", "delete", "web@one"],
      env: { SVDIR: directory.path },
    }).spawn();
    await until(() => existsSync(beside("finishing")), "its finish script");
    child.kill("SIGKILL");
    await child.status;
    assert(!existsSync(directory.service("web@one")));
    // Two copies would run at a time.
    const early = await instance(directory, "create", "web@one");
    assertEquals(early.code, 1);
    assertMatch(early.stderr, /its predecessor has been deleted but still goes down/);
    const late = await instance(directory, "delete", "-t", "100", "web@one");
    assertEquals(late.code, 99);
    await Deno.writeTextFile(beside("go"), "");
    assertEquals((await instance(directory, "delete", "-t", `${DEADLINE}`, "web@one")).code, 0);
    assertEquals(hidden(directory), []);
    assert(existsSync(beside("finished")));
    const none = await instance(directory, "delete", "web@one");
    assertEquals(none.code, 1);
    assertMatch(none.stderr, /cannot delete web@one: there is no /);
    assertEquals((await instance(directory, "create", "-wU", `-t${DEADLINE}`, "web@one")).code, 0);
  });
});

Deno.test("-X does not wait, and what is left goes with the next command", async () => {
  await withInstance(async (directory, beside) => {
    assertEquals((await instance(directory, "delete", "-X", "web@one")).code, 0);
    assertEquals(hidden(directory), [".rm:web@one"]);
    await until(() => existsSync(beside("finishing")), "its finish script");
    await Deno.writeTextFile(beside("go"), "");
    await until(
      async () => (await instance(directory, "create", "-d", "web@one")).code === 0,
      "its end",
    );
    assertEquals(hidden(directory), []);
  });
});

Deno.test("a service that is no instance is not deleted, whatever its name", async () => {
  await withInstance(async (directory) => {
    const { code, stderr } = await instance(directory, "delete", "web@one", "web@plain");
    assertEquals(code, 100);
    assertMatch(stderr, /web@plain is no instance that sv instance create has made/);
    assert(existsSync(directory.service("web@one")));
  });
});
