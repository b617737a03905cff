/** Services that are watched: what is told of them, and when. */
import { assert, assertEquals } from "@std/assert";
import { LiveServices } from "../../../lib/cli/watch/live_services.ts";
import { CWD, Descriptor, Open, open } from "../../../lib/os/file.ts";
import { tryLock } from "../../../lib/os/lock.ts";
import { packStatus } from "../../../lib/servicedir/status.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { until } from "../../support/until.ts";

/** Writes the status of a service as its supervisor does. */
function announce(dir: string, state: "ready" | "down"): void {
  const isReady = state === "ready";
  const now = BigInt(Date.now()) * 1_000_000n;
  const bytes = packStatus({
    stamp: now,
    readyStamp: now,
    pid: isReady ? Deno.pid : 0,
    waitStatus: 0 as Parameters<typeof packStatus>[0]["waitStatus"],
    paused: false,
    finishing: false,
    wantUp: isReady,
    ready: isReady,
    finished: !isReady,
  });
  Deno.writeFileSync(`${dir}/supervise/status.new`, bytes);
  Deno.renameSync(`${dir}/supervise/status.new`, `${dir}/supervise/status`);
}

/** Makes a service, with the lock of its supervisor. */
function supervised(dir: string): Descriptor {
  Deno.mkdirSync(`${dir}/supervise`, { recursive: true });
  Deno.writeTextFileSync(`${dir}/run`, "#!/bin/sh\n", { mode: 0o755 });
  const lock = new Descriptor(open(CWD, `${dir}/supervise/lock`, Open.WRITE | Open.CREATE));
  tryLock(lock.fd, "lock");
  announce(dir, "ready");
  return lock;
}

/** Watches the services of a scan directory; their states now, and what was told of them. */
function watch(scandir: string, settle: number, onLook: () => void = () => {}) {
  const told = new Set<string>();
  const live = new LiveServices(scandir, (names) => {
    for (const name of names) told.add(name);
    onLook();
  }, settle);
  const states = () =>
    [...live.services.values()].map(({ service, explanation }) =>
      `${service.name} ${explanation.state}`
    ).sort().join(", ");
  return { told, states, [Symbol.dispose]: () => live[Symbol.dispose]() };
}

Deno.test("what happens between the first news and the look is told, and what happens after it", async () => {
  await using place = await temporaryDirectory();
  using locks = new DisposableStack();
  const at = (name: string) => `${place.path}/${name}`;
  for (const name of ["a", "b", "c"]) locks.use(supervised(at(name)));
  using watched = watch(place.path, 300);
  assertEquals(watched.states(), "a ready, b ready, c ready");

  announce(at("a"), "down");
  // By then the first news has been taken, and the look is still to come; else this test shows less.
  await new Promise((resolve) => setTimeout(resolve, 50));
  announce(at("b"), "down");
  announce(at("a"), "ready");
  announce(at("a"), "down");
  locks.use(supervised(at("d")));
  await until(
    () => watched.states() === "a down, b down, c ready, d ready" && watched.told.has("d"),
    "news from before the look",
  );
  assertEquals([...watched.told].sort(), ["a", "b", "d"]);

  announce(at("c"), "down");
  Deno.removeSync(at("d"), { recursive: true });
  await until(
    () => watched.states() === "a down, b down, c down" && watched.told.has("c"),
    "news from after the look",
  );
});

Deno.test("where news come all the time, there is a look in twice the time to the first", async () => {
  await using place = await temporaryDirectory();
  using _lock = supervised(`${place.path}/a`);
  let looks = 0;
  using _watched = watch(place.path, 100, () => looks++);
  const began = performance.now();
  await until(() => {
    announce(`${place.path}/a`, looks % 2 === 0 ? "down" : "ready");
    return looks > 3;
  }, "four looks");
  // The first after 100 ms, the others after 200 each; timers are exact to some milliseconds.
  const took = performance.now() - began;
  assert(took > 650, `four looks in ${took} ms`);
});
