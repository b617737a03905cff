import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { definitions, longrun } from "../../rc/definitions_folder.ts";
import { writeFiles } from "../../support/files.ts";
import { sv } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

/** Runs a command of sv in a directory. Returns its exit code and what it wrote to standard error. */
async function outcome(cwd: string, ...args: string[]): Promise<[number, string]> {
  const { code, stdout, stderr } = await run([...sv, ...args], { cwd });
  assertEquals(stdout, "");
  return [code, stderr];
}

const silent = longrun("a");
delete silent["a/notification-fd"];

Deno.test("sv rc compile says as much as its verbosity tells it to", async () => {
  await using source = await definitions({ ...silent, ...longrun("b", ["a"]), "empty/.file": "" });
  await Deno.rename(join(source.path, "empty"), `${source.path}-empty`);
  await using place = await temporaryDirectory();
  await Deno.rename(`${source.path}-empty`, join(place.path, "empty"));
  const compile = (n: number) =>
    outcome(place.path, "rc", "compile", `-v${n}`, `db${n}/`, source.path, "empty");
  const warning = "sv rc compile: warning: empty defines no service\n";
  assertEquals(await compile(0), [0, ""]);
  assertEquals(await compile(1), [0, warning]);
  assertEquals(await compile(2), [
    0,
    warning +
    "sv rc compile: warning: 'a' never says that it is ready: 'b' will start as soon as its run " +
    `script does; write a number into ${source.path}/a/notification-fd and let it notify\n` +
    "sv rc compile: 2 definitions stored in db2\n",
  ]);
});

Deno.test("s6-rc-compile refuses what it can't store, in the order of s6-rc, and stores nothing", async () => {
  await using source = await definitions(longrun("a"));
  await using place = await temporaryDirectory();
  await writeFiles(place.path, { "bad/x/type": "longrun\n", "taken/file": "" });
  const compile = (...args: string[]) => outcome(place.path, "s6-rc-compile", ...args);
  assertEquals(await compile("-v0", "-b", "-h", "nobody", "taken", "bad"), [
    1,
    "s6-rc-compile: error: bad/x has no file 'run', which a longrun needs\n" +
    "s6-rc-compile: fatal: the definitions have 1 error\n",
  ]);
  assertEquals(await compile("taken", source.path), [
    111,
    "s6-rc-compile: fatal: cannot make the database taken: it exists; remove it, or choose another " +
    "path\n",
  ]);
  const [code, message] = await compile("no/db", source.path);
  assertEquals(code, 111);
  assertEquals(message.split("\n").length, 2);
  assertEquals((await compile("db"))[0], 100);
  assertEquals((await compile())[0], 100);
  assertEquals([...Deno.readDirSync(place.path)].map(({ name }) => name).sort(), ["bad", "taken"]);
});

Deno.test("a database compiled by s6-rc gets one line that says what to do, wherever it is named", async () => {
  await using place = await temporaryDirectory();
  await writeFiles(join(place.path, "db"), { "n": "", "db": "", "resolve.cdb": "" });
  const path = join(place.path, "db");
  for (
    const args of [
      ["rc", "check", path],
      ["rc", "compile", join(place.path, "new"), path],
      ["rc", "graph", "-c", path],
    ]
  ) {
    assertEquals(await outcome(place.path, ...args), [
      4,
      `sv rc ${
        args[1]
      }: fatal: cannot use ${path}: s6-rc has compiled this database, and sv does not ` +
      "read its format; name the source directories that it was compiled from, or compile them with " +
      "sv rc compile\n",
    ]);
  }
});
