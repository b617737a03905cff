import { assertEquals, assertMatch } from "@std/assert";
import { PosixSpawner } from "../../lib/os/spawn/posix_spawner.ts";
import type { Spawned, Spawner, SpawnRequest } from "../../lib/os/spawn/spawner.ts";
import { reactor } from "../../lib/os/reactor.ts";
import { readFailure } from "../../lib/servicedir/failure.ts";
import { until } from "../support/until.ts";
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

Deno.test("an error after a start keeps nothing from what comes next", async () => {
  using service = new TestService({ "notification-fd": "3\n", run: READY_AT_ONCE });
  const spawner = new HeldSpawner();
  const supervisor = service.start(spawner);
  await turn();
  service.command("O");
  supervisor.whenNothingStarts(() => {
    throw new Error("no more room");
  });
  let settled = false;
  supervisor.whenNothingStarts(() => settled = true);
  spawner.release();
  assertEquals(await service.until("u"), "su");
  assertEquals(settled, true);
  assertEquals(supervisor.state.wantUp, false);
  assertEquals(service.warnings, ["warning: no more room"]);
  service.command("k");
  await service.until("D");
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
    "warning: cannot start ./run: there is no such file; trying again in 60 seconds",
  ]);
  const { phase, wantUp } = supervisor.state;
  assertEquals({ phase, wantUp }, { phase: "down", wantUp: false });
  assertEquals(supervisor.snapshot()?.timer !== undefined, true, "it is tried again");
});

/** Waits until a timer that is armed now for that many milliseconds has rung. */
const rung = (milliseconds: number) =>
  new Promise<void>((resolve) => void reactor().after(milliseconds + 50, resolve));

Deno.test("a timeout-kill that is over while finish is being started does not kill finish", async () => {
  using service = new TestService({
    "timeout-kill": "100\n",
    run: "exec sleep 1000",
    finish: "sleep 0.3\necho done >finished",
  });
  const spawner = new HeldSpawner();
  service.start(spawner);
  await turn();
  spawner.release();
  await service.until("u");
  service.command("d");
  await until(() => spawner.pending === 1, "finish to be started");
  await rung(100);
  spawner.release();
  assertEquals(await service.until("D"), "dD");
  assertEquals(service.read("finished"), "done");
  assertEquals(service.warnings, []);
});

Deno.test("a restart that is due while -u starts run does not kill run", async () => {
  using service = new TestService({ "notification-fd": "3\n", run: "exit 0" });
  const spawner = new HeldSpawner();
  const supervisor = service.start(spawner);
  await turn();
  spawner.release();
  await service.until("D");
  service.write("run", `sleep 0.3\n${READY_AT_ONCE}`);
  service.command("u");
  assertEquals(spawner.pending, 1);
  await rung(1000);
  spawner.release();
  assertEquals(await service.until("U"), "uU");
  assertEquals(supervisor.state.phase, "up");
});

Deno.test("a daemon that is being started is not aborted for the silence of the one before", async () => {
  using service = new TestService({ "notification-fd": "3\n", run: `sleep 0.3\n${READY_AT_ONCE}` });
  const spawner = new HeldSpawner();
  service.start(spawner);
  await turn();
  service.command("W");
  spawner.release();
  assertEquals(await service.until("Ud"), "suU");
  assertEquals(service.warnings, []);
});

Deno.test("why run could not be started is noted until the next start, whichever supervisor makes it", async () => {
  using service = new TestService({ down: "" });
  const note = () => readFailure(service.dir);
  service.start(new PosixSpawner());
  service.command("u");
  const failure = { kind: "start", reason: "cannot start ./run: there is no such file" } as const;
  assertEquals(note(), failure);
  service.quit();
  await service.ended();
  service.start(new PosixSpawner());
  assertEquals(note(), failure);
  service.write("run", "exec sleep 1000");
  service.command("u");
  await service.until("u");
  assertEquals(note(), undefined);
  assertEquals(service.warnings.length, 1);
});

Deno.test("with a lock-fd, too, it is noted why run can't be started", async () => {
  using service = new TestService({ "lock-fd": "4\n" });
  Deno.writeTextFileSync(`${service.dir}/run`, "#!/no/such/shell\n");
  Deno.chmodSync(`${service.dir}/run`, 0o755);
  service.start(new PosixSpawner());
  await until(() => service.warnings.length > 0, "a warning");
  assertMatch(
    service.warnings[0]!,
    /cannot start \.\/run: its interpreter, \/no\/such\/shell, does/,
  );
  assertMatch(readFailure(service.dir)!.reason, /no\/such\/shell, does/);
});

Deno.test("a permanent failure is noted until the next start", async () => {
  using service = new TestService({
    run: "exit 3",
    finish: "test ! -e fail || exit 125",
    fail: "",
  });
  service.start(new PosixSpawner());
  assertEquals(await service.until("O"), "sudO");
  assertEquals(readFailure(service.dir), {
    kind: "permanent",
    reason: "failed permanently: ./finish has exited 125",
  });
  service.write("run", "exec sleep 1000");
  service.command("u");
  await service.until("u");
  assertEquals(readFailure(service.dir), undefined);
});
