/** The bundle that the executable consists of does what the sources say. */
import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { DEADLINE } from "../../support/deadline.ts";
import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

const repository = fromFileUrl(new URL("../../../", import.meta.url));

/** Bundles the program, and returns how many variables are disposed of at the end of their blocks. */
async function disposals(...options: readonly string[]): Promise<number> {
  await using place = await temporaryDirectory();
  const { code, stderr } = await run([
    `${repository}scripts/deno`,
    ...["bundle", "--quiet", "--platform", "deno", ...options, "--output", `${place.path}/sv.js`],
    `${repository}cli.ts`,
  ], { deadline: 4 * DEADLINE });
  assertEquals(code, 0, stderr);
  const text = await Deno.readTextFile(`${place.path}/sv.js`);
  return text.match(/\busing [\w$]/g)!.length;
}

// The minifier puts the value of a variable that is used once, and first, in the place of its use, without
// regard to `using`: nothing is disposed of then. Such a variable must be used otherwise, or twice. (Two
// declarations in a row become one: make one of them a part of the other, by a DisposableStack.)
Deno.test("minifying drops no `using`", async () => {
  assertEquals(await disposals("--minify"), await disposals());
});
