/** What the documentation points to is there. */
import { assertEquals } from "@std/assert";
import { walkSync } from "@std/fs/walk";
import { existsSync } from "@std/fs/exists";
import { dirname, join, relative } from "@std/path";

const root = new URL("../", import.meta.url).pathname;
const pages = ["", "docs", "examples", ".github", "tests"].flatMap((folder) =>
  [...walkSync(root + folder, { exts: ["md"], maxDepth: folder === "" ? 1 : 3 })]
    .map(({ path }) => path)
);

/** Returns the name by which a heading is linked to, as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(" ", "-");
}

/** Returns the text of a page without what stands in it as code. */
function prose(page: string): string {
  return Deno.readTextFileSync(page).replaceAll(/^```.*?^```/gms, "");
}

for (const page of pages) {
  const name = relative(root, page);
  Deno.test(`each link of ${name} leads to a file, and to a heading of it`, () => {
    const broken = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!)
      .filter((link) => {
        if (/^[a-z]+:/.test(link)) return false;
        const [path, anchor] = link.split("#") as [string, string?];
        const target = path === "" ? page : join(dirname(page), path);
        if (!existsSync(target)) return true;
        if (anchor === undefined || !target.endsWith(".md")) return false;
        return ![...prose(target).matchAll(/^#+ (.*)$/gm)]
          .some(([, heading]) => anchorOf(heading!) === anchor);
      });
    assertEquals(broken, []);
  });
}

Deno.test("each attack that docs/threat-model.md names is tried by a test that is there", () => {
  const tests = [...prose(`${root}docs/threat-model.md`).matchAll(/\| `(\S+_test\.ts)`/g)]
    .map(([, test]) => test!);
  assertEquals(tests.filter((test) => !existsSync(`${root}tests/${test}`)), []);
  assertEquals(tests.length > 10, true, "the table was not found");
});
