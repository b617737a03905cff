/** Supervision in a program that has other things to do, and may end before the service does. */
import { assertEquals } from "@std/assert";
import { setInherited } from "../../lib/os/descriptor.ts";
import {
  AlreadySupervisedError,
  control,
  isSupervised,
  readStatus,
  supervise,
  waitFor,
} from "../../mod.ts";
import { DEADLINE } from "../support/deadline.ts";
import { openDescriptors } from "../support/open_descriptors.ts";
import { until } from "../support/until.ts";
import { within } from "../support/within.ts";
import { READY_AT_ONCE, TestService } from "./fixture.ts";

const FILES = { "notification-fd": "3\n", run: `echo $$ >>starts\n${READY_AT_ONCE}` };

function worker(name: string): Worker {
  return new Worker(new URL(name, import.meta.url), { type: "module" });
}

/** Returns a Worker's next message. */
function messageOf(worker: Worker, what: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = ({ message }) => reject(new Error(message));
  return within(promise, what);
}

/** Supervises a service that its former supervisor has left, and expects that it is taken over. */
async function takesOver(dir: string, pid: number): Promise<void> {
  const stop = new AbortController();
  const warnings: string[] = [];
  let ended!: Promise<void>;
  await until(async () => {
    ended = supervise(dir, { signal: stop.signal, onWarning: (line) => warnings.push(line) });
    const refused = ended.then(() => false, (error) => {
      if (!(error instanceof AlreadySupervisedError)) throw error;
      return false;
    });
    return await Promise.race([refused, new Promise<boolean>((go) => setTimeout(go, 0, true))]);
  }, "the former supervisor to be gone");
  assertEquals(readStatus(dir).pid, pid);
  assertEquals(warnings, [`run still runs as process ${pid}: taking it over`]);
  const again = waitFor([dir], "restartedReady", { timeout: DEADLINE });
  control(dir, "r");
  await again;
  const starts = Deno.readTextFileSync(`${dir}/starts`).trim().split("\n").map(Number);
  assertEquals(starts, [pid, readStatus(dir).pid]);
  stop.abort();
  await within(ended, "the end of the supervision");
}

Deno.test("the children of other threads keep their standard input while services start", async () => {
  const stdin = Deno.readLinkSync("/proc/self/fd/0");
  // Made before the first child: one that is forked while `run` is written keeps it busy (ETXTBSY).
  using service = new TestService(FILES);
  const spawning = worker("./worker_spawns.ts");
  try {
    let done = false;
    const found = messageOf(spawning, "1,000 children").finally(() => done = true);
    spawning.postMessage(1000);
    let starts = 0;
    while (!done) {
      const stop = new AbortController();
      const ended = supervise(service.dir, { signal: stop.signal });
      await waitFor([service.dir], "ready", { timeout: DEADLINE });
      stop.abort();
      await within(ended, "the end of the supervision");
      starts++;
    }
    assertEquals(await found, { [stdin]: 1000 }, `${starts} services`);
  } finally {
    spawning.terminate();
  }
});

Deno.test("a directory is free at once, though a child has copies of what its supervisor had open", async () => {
  using service = new TestService(FILES);
  for (let round = 0; round < 2; round++) {
    const stop = new AbortController();
    const ended = supervise(service.dir, { signal: stop.signal });
    await waitFor([service.dir], "ready", { timeout: DEADLINE });
    const held = [...openDescriptors()].filter(([, target]) => target.endsWith("/supervise/lock"));
    assertEquals(held.length, 1);
    setInherited(Number(held[0]![0]), true);
    const child = new Deno.Command("sleep", { args: ["1000"] }).spawn();
    try {
      assertEquals(
        [...openDescriptors(child.pid).values()].filter((target) => target === held[0]![1]).length,
        1,
      );
      stop.abort();
      await within(ended, "the end of the supervision");
      assertEquals(isSupervised(service.dir), false);
      const again = new AbortController();
      const second = supervise(service.dir, { signal: again.signal });
      again.abort();
      await within(second, "the end of the second supervision");
    } finally {
      child.kill("SIGKILL");
      await child.status;
    }
  }
});

Deno.test("a service whose Worker is terminated is taken over in the same program", async () => {
  using service = new TestService(FILES);
  const supervising = worker("./worker_supervises.ts");
  try {
    const begun = messageOf(supervising, "the Worker to supervise");
    supervising.postMessage(service.dir);
    assertEquals(await begun, "supervising");
    await until(() => Deno.statSync(`${service.dir}/starts`).size > 0, "a start").catch(() => {});
    await waitFor([service.dir], "ready", { timeout: DEADLINE });
  } finally {
    supervising.terminate();
  }
  await takesOver(service.dir, readStatus(service.dir).pid);
});

/** How a program may end before its service does. */
const ENDS: Readonly<Record<string, string>> = {
  "at SIGINT": 'Deno.kill(Deno.pid, "SIGINT");',
  "at SIGTERM": 'Deno.kill(Deno.pid, "SIGTERM");',
  "by an error that nothing catches": 'throw new Error("uncaught");',
};

for (const [how, end] of Object.entries(ENDS)) {
  Deno.test(`a service whose program has ended ${how} is taken over`, async () => {
    using service = new TestService(FILES);
    const dir = JSON.stringify(service.dir);
    const program = `import { supervise, waitFor } from "${new URL(
      "../../mod.ts",
      import.meta.url,
    )}";
      supervise(${dir});
      await waitFor([${dir}], "ready", { timeout: ${DEADLINE} });
      ${end}`;
    const command = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--quiet", "--no-config", program],
      stdin: "null",
      // The service has them, too.
      stdout: "null",
      stderr: "null",
    });
    const { success } = await within(command.spawn().status, "the program's end");
    assertEquals(success, false);
    await takesOver(service.dir, readStatus(service.dir).pid);
  });
}
