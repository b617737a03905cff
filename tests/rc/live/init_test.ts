import { assertEquals } from "@std/assert";
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
