/** `sv watch` of services that wait in `sv rc`. */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { longrun } from "../../rc/definitions_folder.ts";
import { LiveServices } from "../../rc/live_services.ts";
import { sv } from "../../support/program.ts";
import { start } from "../../support/start.ts";
import { until } from "../../support/until.ts";

Deno.test("watch tells when a service begins to wait, and when it is blocked", async () => {
  await using services = await LiveServices.start({
    ...longrun("slow"),
    "slow/run": "#!/bin/sh\nwhile [ ! -e go ]; do sleep 0.05; done\nexit 1\n",
    "slow/finish": "#!/bin/sh\nexit 125\n",
    ...longrun("web", ["slow"]),
  });
  const [program, ...args] = [...sv, "watch", "web"];
  await using watch = new Deno.Command(program!, {
    args,
    env: { SVDIR: services.scandir },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let text = "";
  const read = (async () => {
    for await (const part of watch.stdout.pipeThrough(new TextDecoderStream())) text += part;
  })();
  const said = (line: RegExp) => until(() => line.test(text), `a line like ${line}`);
  try {
    await said(/ web down: not started yet/);
    const command = start(services.command("start", "web"));
    await said(/ web down -> waiting: it needs slow, and slow is starting: not ready for /);
    await Deno.writeTextFile(join(services.directory("slow"), "go"), "");
    assertEquals((await command.status).code, 1);
    await said(
      / web waiting -> blocked: it needs slow, and slow has failed: it was given up/,
    );
  } finally {
    watch.kill("SIGKILL");
    await read;
  }
});
