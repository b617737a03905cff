import { assertEquals } from "@std/assert";
import type { Spawned } from "../../lib/os/spawn/spawner.ts";
import { Orphans } from "../../lib/servicedir/orphans.ts";
import { ServiceSet } from "../../lib/scan/service_set.ts";
import type { Files } from "../support/files.ts";
import { ScanDirectory, silentService } from "../support/scan_directory.ts";
import { until } from "../support/until.ts";
import { within } from "../support/within.ts";

/** Calls back with the services of a scan directory, whose programs are started when the test says so. */
async function withServices(
  services: Readonly<Record<string, Files>>,
  call: (
    set: ServiceSet,
    starts: readonly PromiseWithResolvers<Spawned>[],
    ended: Promise<void>,
    directory: ScanDirectory,
  ) => Promise<void>,
): Promise<void> {
  await using directory = await ScanDirectory.make(services);
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
      maxServices: 100,
      maxName: 251,
      console: undefined,
      report: () => {},
      onServices: () => {},
      starting: () => 0,
      onOnlyCatchAll: () => {},
      onEnd: ended.resolve,
    });
    await call(set, starts, ended.promise, directory);
  } finally {
    Deno.chdir(before);
  }
}

Deno.test("services that are left alone end one by one, however many are being started", async () => {
  const services = { a: silentService, b: silentService };
  await withServices(services, async (set, starts, ended) => {
    set.scan();
    await until(() => starts.length === 2, "two programs to be started");
    set.abandon();
    const left = () => [...set.services].length;
    assertEquals(left(), 2, "their process ids are not known yet");
    starts[0]!.resolve({ pid: Deno.pid });
    await until(() => left() === 1, "the first one to be left alone");
    starts[1]!.reject(new Error("it can't be started"));
    await within(ended, "the end");
    assertEquals(starts.length, 2, "nothing else is started");
  });
});

Deno.test("new services are started before a scan has had a turn for each that runs already", async () => {
  const names = Array.from({ length: 40 }, (_, index) => `s${index}`);
  const services = Object.fromEntries(names.map((name) => [name, silentService]));
  await withServices(services, async (set, starts, ended, directory) => {
    set.scan();
    await until(() => starts.length === names.length, "all programs to be started");
    starts.forEach(({ resolve }) => resolve({ pid: Deno.pid }));
    // As many as are started in one turn; and those that run come first in a directory in memory.
    const late = ["a", "b", "c", "d"];
    for (const name of late) await directory.add(name, silentService);
    for (const name of names) await Deno.rename(name, `${name}-renamed`);
    set.scan();
    const running = [...set.services].filter(({ running }) => running).map(({ name }) => name);
    assertEquals(late.filter((name) => !running.includes(name)), []);
    await until(() => starts.length === names.length + late.length, "their programs to be started");
    starts.forEach(({ resolve }) => resolve({ pid: Deno.pid }));
    set.abandon();
    await within(ended, "the end");
  });
});
