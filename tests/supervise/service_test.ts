import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { AlreadySupervisedError } from "../../lib/servicedir/supervise_dir.ts";
import { supervise } from "../../lib/supervise/supervise.ts";
import { addressed } from "../../lib/servicedir/addressed_command.ts";
import { ControlCommand } from "../../lib/servicedir/protocol.ts";
import { control, isSupervised, readStatus, subscribe } from "../../mod.ts";
import { openDescriptors } from "../support/open_descriptors.ts";
import { until } from "../support/until.ts";
import { within } from "../support/within.ts";
import { openDescriptorsAreAtMost, READY_AT_ONCE, SPAWNERS, TestService } from "./fixture.ts";

function isAlive(pid: number): boolean {
  try {
    // The name is in brackets and may hold anything; a zombie is dead.
    return Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]![0] !== "Z";
  } catch {
    return false;
  }
}

for (const [name, spawner] of Object.entries(SPAWNERS)) {
  Deno.test(`[${name}] a newline on notification-fd makes the service ready`, async () => {
    using service = new TestService({ "notification-fd": "3\n", run: READY_AT_ONCE });
    service.start(spawner());
    assertEquals(await service.until("U"), "suU");
    const { ready, pid, wantUp, finishing } = readStatus(service.dir);
    assertEquals({ ready, wantUp, finishing }, { ready: true, wantUp: true, finishing: false });
    assert(isAlive(pid));
  });

  Deno.test(`[${name}] run gets its name, its directory and a session of its own`, async () => {
    using service = new TestService({
      "notification-fd": "3\n",
      run: 'echo "$0 $1" >got\npwd -P >>got\ncat /proc/$$/stat >>got\nls /proc/$$/fd >>got\n' +
        "echo >&3\nexec 3>&-\nexec sleep 1000",
    });
    service.start(spawner());
    await service.until("U");
    const [call, cwd, stat, ...descriptors] = service.read("got").split("\n");
    assertEquals(call, "./run the name");
    assertEquals(cwd, Deno.realPathSync(service.dir));
    const [, , group, session] = stat!.split(") ")[1]!.split(" ");
    const { pid } = readStatus(service.dir);
    assertEquals([Number(group), Number(session)], [pid, pid]);
    // The shell opens descriptors for itself from 10 on.
    assertEquals(descriptors.filter((descriptor) => Number(descriptor) < 10), ["0", "1", "2", "3"]);
  });

  Deno.test(`[${name}] what is said of a former daemon, or a dead one, does not make the next one ready`, async () => {
    using service = new TestService({
      run: "sleep 1000 &\necho $! >child.new\nmv child.new child\nexec sleep 1000",
    });
    const supervisor = service.start(spawner());
    const tell = (pid: number) => {
      supervisor.command(addressed(ControlCommand.ready, pid));
      return readStatus(service.dir).ready;
    };
    assertEquals(await service.until("u"), "su");
    const former = readStatus(service.dir).pid;
    const child = () =>
      until(() => existsSync(`${service.dir}/child`) && service.read("child"), "");
    using cleanup = new DisposableStack();
    const formerChild = Number(await child());
    cleanup.defer(() => Deno.kill(formerChild, "SIGKILL"));
    service.command("t");
    assertEquals(await service.until("D"), "dD");
    Deno.removeSync(`${service.dir}/child`);
    assertEquals(tell(former), false);
    assertEquals(await service.until("u"), "u");
    const { pid } = readStatus(service.dir);
    assert(isAlive(formerChild));
    for (const other of [former, formerChild, 1, 2 ** 22]) assertEquals(tell(other), false);
    const ownChild = Number(await child());
    Deno.kill(ownChild, "SIGKILL");
    await until(() => !isAlive(ownChild), "the child's death");
    assertEquals(tell(ownChild), false);
    assertEquals(tell(pid), true);
    assertEquals(await service.until("U"), "U");
  });

  Deno.test(`[${name}] what is said of a process that run has started makes the service ready`, async () => {
    using service = new TestService({
      run: "sleep 1000 &\necho $! >child.new\nmv child.new child\nwait",
    });
    const supervisor = service.start(spawner());
    assertEquals(await service.until("u"), "su");
    const child = await until(
      () => existsSync(`${service.dir}/child`) && service.read("child"),
      "",
    );
    using cleanup = new DisposableStack();
    cleanup.defer(() => Deno.kill(Number(child), "SIGKILL"));
    supervisor.command(addressed(ControlCommand.ready, Number(child)));
    assertEquals(readStatus(service.dir).ready, true);
  });

  Deno.test(`[${name}] finish gets how run died, and its process group`, async () => {
    using service = new TestService({
      "notification-fd": "3\n",
      run: READY_AT_ONCE,
      finish: 'echo "$@" >got',
    });
    service.start(spawner());
    await service.until("U");
    const { pid } = readStatus(service.dir);
    service.command("Ok");
    assertEquals(await service.until("D"), "dD");
    assertEquals(service.read("got"), `256 9 the name ${pid}`);
    service.write("run", "exit 3");
    service.command("o");
    assertEquals(await service.until("D"), "udD");
    assertStringIncludes(service.read("got"), "3 0 the name ");
    assertEquals(readStatus(service.dir).waitStatus, 3 << 8);
  });

  Deno.test(`[${name}] a finish that exits 125 is a permanent failure`, async () => {
    using service = new TestService({ run: "exit 1", finish: "exit 125" });
    service.start(spawner());
    assertEquals(await service.until("D"), "sudOD");
    assertEquals(readStatus(service.dir).wantUp, false);
  });

  Deno.test(`[${name}] 50 restarts leave no descriptor open`, async () => {
    using service = new TestService({
      "notification-fd": "3\n",
      run: READY_AT_ONCE,
      finish: "exit 0",
    });
    service.start(spawner());
    await service.until("U");
    const before = openDescriptors().size;
    for (let count = 0; count < 50; count++) {
      service.command("k");
      assertEquals(await service.until("D"), "dD");
      // Without this command the supervisor would wait for a second.
      service.command("u");
      assertEquals(await service.until("U"), "uU");
    }
    await openDescriptorsAreAtMost(before);
  });

  Deno.test(`[${name}] a run that can't be started is warned about, and tried again on -u`, async () => {
    using service = new TestService({ "notification-fd": "3\n" });
    service.start(spawner());
    assertEquals(await service.until("s"), "s");
    service.command("u");
    assertStringIncludes(service.warnings.join("\n"), "run");
    service.write("run", READY_AT_ONCE);
    service.command("u");
    assertEquals(await service.until("U"), "uU");
  });

  Deno.test(`[${name}] commands sent in a burst are all obeyed, in order`, async () => {
    using service = new TestService({ "notification-fd": "3\n", run: READY_AT_ONCE });
    service.start(spawner());
    await service.until("U");
    control(service.dir, "p", "c", "p", "c", "p", "c", "d");
    assertEquals(await service.until("D"), "dD");
    const { paused, wantUp, waitStatus } = readStatus(service.dir);
    assertEquals({ paused, wantUp, waitStatus }, { paused: false, wantUp: false, waitStatus: 15 });
  });
}

Deno.test("aborting brings the service down, runs finish, and ends the supervision", async () => {
  using service = new TestService({
    "notification-fd": "3\n",
    run: READY_AT_ONCE,
    finish: "echo finished >got",
  });
  Deno.mkdirSync(`${service.dir}/event`);
  using events = subscribe(`${service.dir}/event`);
  const controller = new AbortController();
  const ended = supervise(service.dir, { signal: controller.signal });
  for await (const event of events) {
    if (event === "U") break;
  }
  const { pid } = readStatus(service.dir);
  assert(isSupervised(service.dir));
  controller.abort();
  await within(ended, "the end");
  assert(!isAlive(pid));
  assert(!isSupervised(service.dir));
  assertEquals(service.read("got"), "finished");
  assertEquals(readStatus(service.dir).pid, 0);
});

Deno.test("a signal that was aborted before starts nothing", async () => {
  using service = new TestService({ run: "echo started >got" });
  await assertRejects(() => supervise(service.dir, { signal: AbortSignal.abort() }));
  assertEquals([...Deno.readDirSync(service.dir)].map(({ name }) => name), ["run"]);
});

Deno.test("a directory that is supervised is not supervised twice, even in one process", async () => {
  using service = new TestService({ "notification-fd": "3\n", run: READY_AT_ONCE });
  service.start();
  await service.until("U");
  const { pid } = readStatus(service.dir);
  await assertRejects(() => supervise(service.dir), AlreadySupervisedError);
  assert(isAlive(pid));
  assert(isSupervised(service.dir));
});

Deno.test("a supervision that has ended leaves no descriptor open", async () => {
  const once = async () => {
    using service = new TestService({ "notification-fd": "3\n", run: READY_AT_ONCE });
    service.start();
    await service.until("U");
    service.command("xd");
    await service.ended();
  };
  await once();
  const before = openDescriptors().size;
  for (let count = 0; count < 10; count++) await once();
  await openDescriptorsAreAtMost(before);
});

Deno.test("two services in one process don't affect each other", async () => {
  using one = new TestService({ "notification-fd": "3\n", run: READY_AT_ONCE });
  using other = new TestService({ "notification-fd": "5\n", run: "echo >&5\nexec sleep 1000" });
  one.start();
  other.start();
  assertEquals(await one.until("U"), "suU");
  assertEquals(await other.until("U"), "suU");
  assert(readStatus(one.dir).pid !== readStatus(other.dir).pid);
  one.command("d");
  assertEquals(await one.until("D"), "dD");
  assert(readStatus(other.dir).ready && isAlive(readStatus(other.dir).pid));
});

const BREAKAGES: Readonly<Record<string, (dir: string) => void>> = {
  "is removed": (dir) => Deno.removeSync(dir, { recursive: true }),
  "has a directory in place of its status": (dir) => {
    Deno.removeSync(`${dir}/supervise/status`);
    Deno.mkdirSync(`${dir}/supervise/status/in/the/way`, { recursive: true });
  },
  "has a file in place of its fifodir": (dir) => {
    Deno.removeSync(`${dir}/event`, { recursive: true });
    Deno.writeTextFileSync(`${dir}/event`, "");
  },
  "has garbage in its files": (dir) => {
    for (const name of ["notification-fd", "timeout-kill", "down-signal", "max-death-tally"]) {
      Deno.writeFileSync(`${dir}/${name}`, new Uint8Array([0, 255, 10, 13, 45]));
    }
  },
};

for (const [breakage, breakIt] of Object.entries(BREAKAGES)) {
  Deno.test(`a service directory that ${breakage} harms no other`, async () => {
    using broken = new TestService({ "notification-fd": "3\n", run: READY_AT_ONCE });
    using healthy = new TestService({ "notification-fd": "3\n", run: READY_AT_ONCE });
    broken.start();
    healthy.start();
    await broken.until("U");
    await healthy.until("U");
    breakIt(broken.dir);
    for (const command of ["d", "u", "r"]) {
      broken.command(command);
      healthy.command(command);
      assert((await healthy.until(command === "u" ? "U" : "D")) !== "");
    }
    assert(isSupervised(healthy.dir));
    // The end of the test removes it like any other. The removal fails where its supervisor makes a
    // file in it meanwhile.
    await until(
      () =>
        Deno.remove(broken.dir, { recursive: true })
          .then(() => true, (error) => error instanceof Deno.errors.NotFound),
      "the removal of the directory",
    );
    Deno.mkdirSync(`${broken.dir}/event`, { recursive: true });
  });
}

Deno.test("a listener that gets an event finds the status that belongs to it, 200 times", async () => {
  using service = new TestService({ "notification-fd": "3\n", run: READY_AT_ONCE });
  Deno.mkdirSync(`${service.dir}/event`);
  const worker = new Worker(import.meta.resolve("./status_witness.ts"), { type: "module" });
  const seen: { event: string; up: boolean; ready: boolean; finished: boolean }[] = [];
  let wake = () => {};
  worker.onmessage = ({ data }) => {
    if (data !== null) seen.push(data);
    wake();
  };
  const told = async (event: string | undefined) => {
    while (event !== undefined && seen.at(-1)?.event !== event) {
      const next = new Promise<void>((resolve) => wake = resolve);
      await within(next, event);
    }
  };
  try {
    const listens = new Promise<void>((resolve) => wake = resolve);
    worker.postMessage(service.dir);
    // The types of a worker are checked when it is started, which takes seconds.
    await within(listens, "the witness");
    service.start();
    for (let count = 0; count < 100; count++) {
      await told("U");
      assertEquals(seen.at(-1), { event: "U", up: true, ready: true, finished: false });
      service.command("d");
      await told("D");
      assertEquals(seen.at(-1), { event: "D", up: false, ready: false, finished: true });
      assertEquals(seen.findLast(({ event }) => event === "d")?.up, false);
      service.command("u");
    }
    await told("U");
    assert(seen.filter(({ event }) => event === "u").every(({ up }) => up));
  } finally {
    worker.terminate();
  }
});
