import { assertEquals, assertThrows } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { originOf } from "../../../lib/rc/definitions/database.ts";
import type { Definition } from "../../../lib/rc/definitions/definition.ts";
import { longrunsOf } from "../../../lib/rc/definitions/definition_set.ts";
import { readSources } from "../../../lib/rc/definitions/source.ts";
import { DatabaseExistsError, storeDefinitions } from "../../../lib/rc/database/store.ts";
import { makeServiceDirectory } from "../../../lib/rc/live/service_files.ts";
import { cases, makeSource, STRICTER } from "../definitions/mistakes.ts";
import { definitions, longrun } from "../definitions_folder.ts";
import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

/**
 * The case of a relative link in the place of a directory. From a service directory it leads nowhere, as
 * in s6-rc, and a database leaves such a link out.
 */
const LEADS_NOWHERE = "data leads to a directory";

/** Definitions with every file that counts. */
const everything = {
  ...longrun("a", ["o", "both"]),
  "a/finish": "#!/bin/sh\nexit 0\n",
  "a/lock-fd": "4\n",
  "a/timeout-kill": "1000\n",
  "a/timeout-finish": "2000\n",
  "a/max-death-tally": "7\n",
  "a/timeout-up": "3000\n",
  "a/timeout-down": "4000\n",
  "a/down-signal": "INT\n",
  "a/reload-signal": "USR1\n",
  "a/flag-essential": "",
  "a/flag-timeout-killpg": "",
  "a/flag-newpidns": "",
  "a/data/sub/file": "text\n",
  "a/data/.hidden": "text\n",
  "a/env/NAME": "value\n",
  "a/down": "",
  "a/README": "what is in no database",
  ...longrun("p"),
  "p/producer-for": "l\n",
  ...longrun("l"),
  "l/consumer-for": "# a comment\np\n",
  "l/pipeline-name": "pipe\n",
  "l/dependencies": "o\n",
  "o/type": "oneshot\n",
  "o/up": 'foreground { echo "one two" } true\n',
  "o/down": "/bin/sh -c true\n",
  "o/reload": "true",
  "o/timeout-up": "5\n",
  "both/type": "bundle\n",
  "both/contents.d/l": "",
  "both/contents.d/.hidden": "",
  "both/flag-recommended": "",
  "old/type": "bundle\n",
  "old/contents": "pipe\n",
  "old/flag-essential": "",
};

/** Stores definitions, and reads them again: without their directories, which differ. */
function storedAgain(path: string, stored: readonly Definition[]): readonly Definition[] {
  storeDefinitions(path, stored);
  const { definitions, faults } = readSources([originOf(path).directory]);
  assertEquals(faults.filter(({ severity }) => severity === "error"), []);
  return definitions;
}

function withoutDirectories(list: readonly Definition[]) {
  return list.map((definition) => ({ ...definition, directory: "" }))
    .sort((a, b) => a.name < b.name ? -1 : 1);
}

/** Tells how the service directories made of two sets differ, as diff(1) does. */
async function serviceDirectoryDifferences(
  place: string,
  one: readonly Definition[],
  other: readonly Definition[],
): Promise<string> {
  for (const [name, list] of [["one", one], ["other", other]] as const) {
    await Deno.mkdir(join(place, name));
    for (const definition of longrunsOf({ sources: [], definitions: list })) {
      makeServiceDirectory(definition, join(place, name, definition.name));
    }
    const listing = await run(["find", ".", "-printf", "%p %M %u %l\n"], {
      cwd: join(place, name),
    });
    await Deno.writeTextFile(
      join(place, `${name}.list`),
      listing.stdout.split("\n").sort().join("\n"),
    );
  }
  const lists = await run(["diff", join(place, "one.list"), join(place, "other.list")]);
  const trees = await run(["diff", "-r", join(place, "one"), join(place, "other")]);
  return lists.stdout + trees.stdout;
}

Deno.test("a database has the definitions that were stored, file for file", async () => {
  await using source = await definitions(everything);
  await using place = await temporaryDirectory();
  await Deno.symlink("../file", join(source.path, "a/data/sub/link"));
  await Deno.chmod(join(source.path, "a/data/sub"), 0o700);
  const stored = readSources([source.path]).definitions;
  const again = storedAgain(join(place.path, "db"), stored);
  assertEquals(withoutDirectories(again), withoutDirectories(stored));
  assertEquals(await serviceDirectoryDifferences(place.path, stored, again), "");
  assertEquals(
    [...Deno.readDirSync(join(place.path, "db/source/a"))].map(({ name }) => name).sort(),
    [
      "data",
      "dependencies.d",
      "down-signal",
      "env",
      "finish",
      "flag-essential",
      "flag-newpidns",
      "flag-timeout-killpg",
      "lock-fd",
      "max-death-tally",
      "notification-fd",
      "reload-signal",
      "run",
      "timeout-down",
      "timeout-finish",
      "timeout-kill",
      "timeout-up",
      "type",
    ],
  );
});

const scenarios = fromFileUrl(new URL("../scenarios", import.meta.url));
Deno.test("the definitions of every scenario are the same from a database", async () => {
  await using place = await temporaryDirectory();
  for (const { name } of Deno.readDirSync(scenarios)) {
    const stored = readSources([join(scenarios, name, "source")]).definitions;
    const again = storedAgain(join(place.path, name), stored);
    assertEquals(withoutDirectories(again), withoutDirectories(stored), name);
  }
});

Deno.test("what s6-rc-compile takes, however odd, is the same from a database", async () => {
  for (const { what, refused, entries } of cases) {
    if (refused || STRICTER.includes(what) || what === LEADS_NOWHERE) continue;
    await using place = await temporaryDirectory();
    const source = join(place.path, "source");
    await makeSource(source, entries);
    const stored = readSources([source]).definitions;
    const again = storedAgain(join(place.path, "db"), stored);
    assertEquals(withoutDirectories(again), withoutDirectories(stored), what);
    assertEquals(await serviceDirectoryDifferences(place.path, stored, again), "", what);
  }
});

Deno.test("a database needs neither its source directory nor what that links to", async () => {
  await using source = await definitions({ ...longrun("a"), "shared": "#!/bin/sh\n" });
  await using place = await temporaryDirectory();
  const script = join(source.path, "a/run");
  await Deno.remove(script);
  await Deno.symlink("../shared", script);
  const database = join(place.path, "db");
  storeDefinitions(database, readSources([source.path]).definitions);
  await Deno.remove(join(source.path, "a"), { recursive: true });
  await Deno.remove(join(source.path, "shared"));
  assertEquals(await Deno.readTextFile(join(database, "source/a/run")), "#!/bin/sh\n");
  await Deno.rename(database, join(place.path, "moved"));
  assertEquals(readSources([originOf(join(place.path, "moved")).directory]).definitions.length, 1);
});

Deno.test("what is at the path of a new database stays as it is", async () => {
  await using source = await definitions(longrun("a"));
  const stored = readSources([source.path]).definitions;
  await using place = await temporaryDirectory();
  const at = (name: string) => join(place.path, name);
  await Deno.mkdir(at("empty"));
  await Deno.writeTextFile(at("file"), "text");
  await Deno.symlink("nowhere", at("link"));
  storeDefinitions(at("db"), stored);
  const before = (await run(["ls", "-lR", place.path])).stdout;
  for (const name of ["empty", "file", "link", "db"]) {
    assertThrows(
      () => storeDefinitions(at(name), []),
      DatabaseExistsError,
      `Cannot make the database ${at(name)}: it exists; remove it, or choose another path`,
    );
  }
  assertEquals((await run(["ls", "-lR", place.path])).stdout, before);
});

Deno.test("a database that can't be completed leaves nothing behind", async () => {
  await using source = await definitions(longrun("a"));
  await using place = await temporaryDirectory();
  const stored = readSources([source.path]).definitions;
  await Deno.remove(join(source.path, "a/run"));
  await Deno.mkdir(join(source.path, "a/run"));
  assertThrows(() => storeDefinitions(join(place.path, "db"), stored));
  assertThrows(() => storeDefinitions(join(place.path, "no/db"), stored), Error, "No such file");
  assertEquals([...Deno.readDirSync(place.path)], []);
});
