/** The tests mirror the sources by name; tests/README.md lists those that are about a behaviour. */
import { assertEquals } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { walkSync } from "@std/fs/walk";
import { relative } from "@std/path";

const root = new URL("../", import.meta.url).pathname;
const tests = [...walkSync(`${root}tests`, { match: [/_test\.ts$/] })]
  .map(({ path }) => relative(`${root}tests`, path)).sort();

/** Tells whether a test has the path of a source, or of a helper beside it. */
function isOfOneSource(test: string): boolean {
  const source = test.replace(/_test\.ts$/, ".ts");
  return [`lib/${source}`, source, `tests/${source}`].some((path) => existsSync(root + path));
}

Deno.test("every test has the path of its source, or is listed in tests/README.md", () => {
  const table = Deno.readTextFileSync(`${root}tests/README.md`);
  const listed = [...table.matchAll(/^\| `(\S+_test\.ts)`/gm)].map(([, test]) => test!);
  assertEquals(listed.filter((test) => !tests.includes(test)), [], "listed, but not there");
  assertEquals(
    tests.filter((test) => !isOfOneSource(test) && !listed.includes(test)),
    [],
    "neither listed nor of the path of a source",
  );
});
