import { assertEquals } from "@std/assert";
import type { Spawned } from "../../lib/os/spawn/spawner.ts";
import { Orphans } from "../../lib/servicedir/orphans.ts";
import { ServiceSet } from "../../lib/scan/service_set.ts";
import { ScanDirectory, silentService } from "../support/scan_directory.ts";
import { until } from "../support/until.ts";
import { within } from "../support/within.ts";

Deno.test("services that are left alone end one by one, however many are being started", async () => {
  await using directory = await ScanDirectory.make({ a: silentService, b: silentService });
  const starts: PromiseWithResolvers<Spawned>[] = [];
  const ended = Promise.withResolvers<void>();
  const before = Deno.cwd();
  Deno.chdir(directory.path);
  try {
    const set = new ServiceSet({
      spawner: {
        spawn: () => {
          starts.push(Promise.withResolvers<Spawned>());
          return starts.at(-1)!.promise;
        },
      },
      deaths: { watch: () => ({ [Symbol.dispose]() {} }) },
      orphans: new Orphans(),
      maxServices: 10,
      maxName: 251,
      console: undefined,
      report: () => {},
      onServices: () => {},
      starting: () => 0,
      onOnlyCatchAll: () => {},
      onEnd: ended.resolve,
    });
    set.scan();
    await until(() => starts.length === 2, "two programs to be started");
    set.abandon();
    const left = () => [...set.services].length;
    assertEquals(left(), 2, "their process ids are not known yet");
    starts[0]!.resolve({ pid: Deno.pid });
    await until(() => left() === 1, "the first one to be left alone");
    starts[1]!.reject(new Error("it can't be started"));
    await within(10_000, ended.promise, "the end");
    assertEquals(starts.length, 2, "nothing else is started");
  } finally {
    Deno.chdir(before);
  }
});
