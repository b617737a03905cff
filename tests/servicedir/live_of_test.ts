import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { liveOf } from "../../lib/servicedir/live_of.ts";
import { writeFiles } from "../support/files.ts";
import { missingRoot, testNeeding } from "../support/needs.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

async function place() {
  const directory = await temporaryDirectory("sv-live-of-");
  const { path } = directory;
  await writeFiles(path, {
    "live/definitions/1/definitions.json": "{}",
    "live/servicedirs/web/run": "",
    "live-of-s6-rc/compiled/db": "",
    "live-of-s6-rc/servicedirs/web/run": "",
    "scan/alone/run": "",
  });
  const link = (to: string, name: string) => Deno.symlinkSync(to, join(path, "scan", name));
  link(join(path, "live/servicedirs/web"), "my-web");
  link("../live/servicedirs/web", "relative");
  link(join(path, "live-of-s6-rc/servicedirs/web"), "of-s6-rc");
  return directory;
}

Deno.test("a service directory, or a link to it, tells its live directory and its name there", async () => {
  await using directory = await place();
  const { path } = directory;
  const live = join(path, "live");
  assertEquals(liveOf(`${path}/scan/my-web`), { live, name: "web" });
  assertEquals(liveOf(`${path}/scan/relative`), { live: `${path}/scan/../live`, name: "web" });
  assertEquals(liveOf(`${live}/servicedirs/web`), { live, name: "web" });
  assertEquals(liveOf(`${live}/servicedirs/web/`), { live, name: "web" });
});

Deno.test("services that nobody, or s6-rc, has made are in no live directory of sv rc", async () => {
  await using directory = await place();
  const { path } = directory;
  for (const name of ["scan/alone", "scan/of-s6-rc", "scan/none", "live", "live/servicedirs"]) {
    assertEquals(liveOf(`${path}/${name}`), undefined, name);
  }
});

testNeeding(
  [missingRoot("a live directory of another user")],
  "a live directory of another user is not obeyed",
  async () => {
    await using directory = await place();
    const { path } = directory;
    Deno.chownSync(join(path, "live"), 65534, 65534);
    assertEquals(liveOf(`${path}/scan/my-web`), undefined);
  },
);
