import { assertEquals } from "@std/assert";
import { PosixSpawner } from "../../lib/os/spawn/posix_spawner.ts";
import type { Spawned, Spawner, SpawnRequest } from "../../lib/os/spawn/spawner.ts";
import { READY_AT_ONCE, TestService } from "./fixture.ts";

/** A spawner whose starts take until {@linkcode HeldSpawner.release} is called. */
class HeldSpawner implements Spawner {
  readonly #spawner = new PosixSpawner();
  #held: (() => void)[] = [];

  /** How many starts are in progress. */
  get pending(): number {
    return this.#held.length;
  }

  spawn(request: SpawnRequest): Promise<Spawned> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held.push(resolve);
    return promise.then(() => this.#spawner.spawn(request));
  }

  /** Ends the wait of all starts that are in progress. */
  release(): void {
    this.#held.splice(0).forEach((resolve) => resolve());
  }
}

/** Lets pending microtasks run: the first start of a service is made in one. */
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

Deno.test("what comes while a program is being started comes after the start, in order", async () => {
  using service = new TestService({ "notification-fd": "3\n", run: READY_AT_ONCE });
  const spawner = new HeldSpawner();
  const supervisor = service.start(spawner);
  await turn();
  assertEquals(spawner.pending, 1);
  service.command("p");
  service.command("O");
  assertEquals(supervisor.state.phase, "down");
  assertEquals(supervisor.snapshot(), undefined);
  let settled = false;
  supervisor.whenNothingStarts(() => settled = true);
  assertEquals(settled, false);
  spawner.release();
  assertEquals(await service.until("u"), "su");
  assertEquals(settled, true);
  const { phase, wantUp, paused } = supervisor.state;
  assertEquals({ phase, wantUp, paused }, { phase: "up", wantUp: false, paused: true });
  assertEquals(supervisor.snapshot()?.state.pid, supervisor.state.pid);
  service.command("ck");
  assertEquals((await service.until("D")).replace("U", ""), "dD");
});

Deno.test("a start that fails late is like one that fails at once", async () => {
  using service = new TestService({});
  const spawner = new HeldSpawner();
  const supervisor = service.start(spawner);
  await turn();
  service.command("O");
  spawner.release();
  await turn();
  assertEquals(service.warnings, [
    "warning: cannot start ./run: No such file or directory; trying again in 60 seconds",
  ]);
  const { phase, wantUp } = supervisor.state;
  assertEquals({ phase, wantUp }, { phase: "down", wantUp: false });
  assertEquals(supervisor.snapshot()?.timer !== undefined, true, "it is tried again");
});
