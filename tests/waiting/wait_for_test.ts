import { assertEquals, assertRejects } from "@std/assert";
import { control, ServiceFailedError, SystemError, waitFor, WaitTimeoutError } from "../../mod.ts";
import { reactor } from "../../lib/os/reactor.ts";
import { DEADLINE } from "../support/deadline.ts";
import { openDescriptors } from "../support/open_descriptors.ts";
import { run } from "../support/run.ts";
import { service } from "../support/service.ts";
import { READY_AT_ONCE, SILENT, supervisedByS6 } from "../support/supervised_by_s6.ts";
import { within } from "../support/within.ts";

const timeout = DEADLINE;

Deno.test("every state of a service under s6-supervise can be waited for", async () => {
  await using place = await supervisedByS6({
    run: READY_AT_ONCE,
    files: { "notification-fd": "3\n" },
  });
  await waitFor(place.path, "up", { timeout });
  await waitFor(place.path, "ready", { timeout });
  const restarted = waitFor(place.path, "restartedReady", { timeout });
  control(place.path, "t");
  await restarted;
  const down = waitFor(place.path, "finished", { timeout });
  control(place.path, "d");
  await down;
  assertEquals((await run(["s6-svstat", "-o", "up", place.path])).stdout, "false\n");
});

Deno.test("of several services all are waited for, or any", async () => {
  await using one = await supervisedByS6({ run: SILENT, files: { down: "" } });
  await using two = await supervisedByS6({ run: SILENT, files: { down: "" } });
  const dirs = [one.path, two.path];
  const any = waitFor(dirs, "up", { any: true, timeout });
  const all = waitFor(dirs, "up", { timeout });
  control(two.path, "u");
  await any;
  assertEquals(await Promise.race([all.then(() => "done"), Promise.resolve("waiting")]), "waiting");
  control(one.path, "u");
  await all;
});

Deno.test("no services at all are in every state", async () => {
  await waitFor([], "ready");
});

Deno.test("a wait that is aborted or times out throws, and leaves no descriptor or FIFO behind", async () => {
  await using place = await supervisedByS6({ run: SILENT });
  await waitFor(place.path, "up", { timeout });
  reactor();
  const before = openDescriptors();
  const reason = new Error("changed my mind");
  const controller = new AbortController();
  const aborted = waitFor(place.path, "down", { signal: controller.signal });
  controller.abort(reason);
  assertEquals(await assertRejects(() => aborted), reason);
  await assertRejects(
    () => waitFor(place.path, "ready", { timeout: 20 }),
    WaitTimeoutError,
    "20 milliseconds have passed",
  );
  assertEquals(
    await assertRejects(() => waitFor(place.path, "up", { signal: AbortSignal.abort(reason) })),
    reason,
  );
  assertEquals(openDescriptors(), before);
  assertEquals([...Deno.readDirSync(`${place.path}/event`)], []);
});

Deno.test("no time limit can be written as Infinity or left out", async () => {
  await using place = await supervisedByS6({ run: SILENT });
  for (const limit of [{ timeout: Infinity }, { timeout: undefined! }, {}]) {
    await within(waitFor(place.path, "up", limit), "the service to be up");
    const controller = new AbortController();
    const never = waitFor(place.path, "ready", { ...limit, signal: controller.signal });
    const moment = new Promise((resolve) => reactor().after(20, () => resolve("waiting")));
    assertEquals(await Promise.race([never, moment]), "waiting");
    controller.abort(new Error("enough"));
    await assertRejects(() => never, Error, "enough");
  }
});

Deno.test("a time limit of 0 asks whether the services are in the state now", async () => {
  await using place = await supervisedByS6({ run: SILENT });
  await waitFor(place.path, "up", { timeout });
  await waitFor(place.path, "up", { timeout: 0 });
  await assertRejects(() => waitFor(place.path, "down", { timeout: 0 }), WaitTimeoutError);
});

Deno.test("a service that fails permanently is named", async () => {
  await using place = await supervisedByS6({
    run: "#!/bin/sh\nexit 1\n",
    finish: "#!/bin/sh\nexit 125\n",
    files: { down: "" },
  });
  const ready = waitFor(place.path, "ready", { timeout });
  control(place.path, "u");
  const error = await assertRejects(() => ready, ServiceFailedError, place.path);
  assertEquals(error.dirs, [place.path]);
});

Deno.test("what is no service directory can't be waited for", async () => {
  await using place = await service({ run: SILENT });
  await assertRejects(
    () => waitFor(`${place.path}/none`, "up"),
    SystemError,
    `Cannot wait for ${place.path}/none: No such file or directory`,
  );
});
