import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { writeFiles } from "../../support/files.ts";
import { svCommand } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { longrun } from "../definitions_folder.ts";
import { LiveServices } from "../live_services.ts";

Deno.test("a service may have the longest name that a scan looks at", async () => {
  const name = "n".repeat(251);
  await using services = await LiveServices.start(longrun(name));
  const { code, stderr } = await services.rc("start", name);
  assertEquals([code, stderr], [0, ""]);
  assertEquals((await services.rc("update")).code, 0);
  assertEquals(await services.up(), [name]);
});

Deno.test("a name is too long for a scan together with the prefix", async () => {
  const name = "n".repeat(250);
  await using services = await LiveServices.start(longrun(name));
  const { code, stderr } = await services.rc(
    "init",
    "-p",
    "xx",
    "-l",
    `${services.live}2`,
    services.scandir,
    services.source,
  );
  assertEquals([code, stderr.includes("more than 251 bytes, prefix included")], [1, true], stderr);
});

const init = (live: string, ...args: string[]) =>
  run([...svCommand("rc"), "init", "-l", live, ...args]);

Deno.test("a live directory that is there is used again only for the same", async () => {
  await using services = await LiveServices.start(longrun("web"));
  const { live, place, scandir, source } = services;
  const again = await init(live, scandir, source);
  assertEquals([again.code, again.stderr.includes("is there already; making sure")], [0, true]);
  await writeFiles(join(place, "other"), longrun("web"));
  await Deno.mkdir(join(place, "scan2"));
  const wrong: Record<string, readonly string[]> = {
    "with definitions from": [scandir, join(place, "other")],
    "with the prefix ''": ["-p", "x", scandir, source],
  };
  for (const [why, args] of Object.entries(wrong)) {
    const { code, stderr } = await init(live, ...args);
    assertEquals([code, stderr.includes(why)], [102, true], stderr);
  }
  assertEquals((await services.rc("start", "web")).code, 0);
});

Deno.test("a name that another service has in the scan directory is refused before anything is made", async () => {
  await using services = await LiveServices.start(longrun("web"));
  const { place, scandir, source } = services;
  await writeFiles(source, longrun("more"));
  const { code, stderr } = await init(`${services.live}2`, scandir, source);
  assertEquals(code, 111);
  assertMatch(
    stderr,
    /cannot have web supervised: \S+\/scan\/web is there already, and is another/,
  );
  const left = [...Deno.readDirSync(place)].map(({ name }) => name);
  assertEquals(left.filter((name) => name.startsWith("live2")), []);
  assertEquals([...Deno.readDirSync(scandir)].some(({ name }) => name === "more"), false);
  assertEquals(
    (await init(`${services.live}2`, "-p", "second-", scandir, source)).code,
    0,
  );
});
