import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { run } from "../support/run.ts";

const bench = fromFileUrl(new URL("../../scripts/bench", import.meta.url));

Deno.test("bench: a word with a dash is wrong usage, in one line, and --help measures nothing", async () => {
  const { code, stdout, stderr } = await run([bench, "--help"]);
  assertEquals([code, stderr], [0, ""]);
  const usage = stdout.split("\n").at(-2)!;
  const wrong = await run([bench, "scan", "--rounds"]);
  assertEquals([wrong.code, wrong.stdout, wrong.stderr], [100, "", `${usage}\n`]);
});
