import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { definitions, longrun } from "../../rc/definitions_folder.ts";
import { LiveServices } from "../../rc/live_services.ts";
import { writeFiles } from "../../support/files.ts";
import { sv } from "../../support/program.ts";
import { run } from "../../support/run.ts";

/** Runs a command of sv. Returns its exit code and what it printed, the usage line left out. */
async function outcome(...args: string[]): Promise<[number, string]> {
  const { code, stdout, stderr } = await run([...sv, ...args]);
  return [code, stdout + stderr.replace(/^usage: .*\n/m, "")];
}

Deno.test("sv rc db answers about source directories and databases", async () => {
  await using source = await definitions({ ...longrun("a"), ...longrun("b", ["a"]) });
  const database = join(source.path, ".db");
  assertEquals(await outcome("rc", "compile", database, source.path), [0, ""]);
  for (const path of [source.path, database]) {
    assertEquals(await outcome("rc", "db", "-c", path, "check"), [0, ""]);
    assertEquals(await outcome("s6-rc-db", "-c", path, "list", "all"), [0, "a\nb\n"]);
    assertEquals(await outcome("s6-rc-db", "-d", "-c", path, "dependencies", "a"), [0, "b\n"]);
  }
});

Deno.test("sv rc db answers about the definitions in force", async () => {
  await using services = await LiveServices.start({ ...longrun("a"), ...longrun("b", ["a"]) });
  const db = (...args: string[]) => outcome("s6-rc-db", "-l", services.live, ...args);
  assertEquals(await db("all-dependencies", "b"), [0, "a\nb\n"]);
  await writeFiles(services.source, longrun("c"));
  assertEquals(await db("type", "c"), [3, "s6-rc-db: fatal: no service is named 'c'\n"]);
  assertEquals((await services.rc("update")).code, 0);
  assertEquals(await db("type", "c"), [0, "longrun\n"]);
});

Deno.test("sv rc db says in one line what is wrong with a question", async () => {
  await using source = await definitions(longrun("a"));
  const db = (...args: string[]) => outcome("rc", "db", "-c", source.path, ...args);
  const fatal = (code: number, problem: string) => [code, `sv rc db: fatal: ${problem}\n`] as const;
  assertEquals(await db(), [...fatal(100, "no question given")]);
  assertEquals(await db("nonsense"), [...fatal(100, "there is no question 'nonsense'")]);
  assertEquals(await db("list"), [...fatal(100, "no kind of service given")]);
  assertEquals(await db("list", "x"), [
    ...fatal(100, "list takes one of all, services, oneshots, longruns, bundles, not 'x'"),
  ]);
  assertEquals(await db("type"), [...fatal(100, "no name given")]);
  assertEquals(await db("type", "a", "b"), [...fatal(100, "'b' is one operand too many")]);
  assertEquals(await db("type", "b"), [...fatal(3, "no service is named 'b'")]);
  assertEquals(await db("contents", "a"), [...fatal(5, "'a' is a single service, no bundle")]);
  // s6-rc-db ignores what is too many.
  assertEquals(await outcome("s6-rc-db", "-c", source.path, "type", "a", "b"), [0, "longrun\n"]);
});

Deno.test("sv rc db refuses definitions that have errors", async () => {
  await using source = await definitions(longrun("a", ["nobody"]));
  assertEquals(await outcome("s6-rc-db", "-c", source.path, "check"), [
    4,
    `s6-rc-db: error: 'a' depends on 'nobody', which nobody defines (in ${source.path}/a)\n` +
    "s6-rc-db: fatal: the definitions have 1 error\n",
  ]);
  assertEquals((await outcome("s6-rc-db", "-c", join(source.path, "none"), "check"))[0], 111);
});
