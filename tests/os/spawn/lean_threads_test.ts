/** The threads that start programs have none of the services' descriptors, and behave as before. */
import { assert, assertEquals } from "@std/assert";
import { CWD, Descriptor, Open, open } from "../../../lib/os/file.ts";
import { isLocked } from "../../../lib/os/lock.ts";
import { isSupervised } from "../../../mod.ts";
import { Scan } from "../../support/scan.ts";
import { readyService, ScanDirectory } from "../../support/scan_directory.ts";
import { CLEAN, threadDescriptors } from "../../support/thread_descriptors.ts";
import { until } from "../../support/until.ts";

const SERVICES = 40;

async function manyServices(): Promise<ScanDirectory> {
  const names = Array.from({ length: SERVICES }, (_, index) => `s${index}`);
  return await ScanDirectory.make(Object.fromEntries(names.map((name) => [name, readyService])));
}

async function allReady(directory: ScanDirectory): Promise<void> {
  for (let index = 0; index < SERVICES; index++) await directory.ready(`s${index}`);
}

Deno.test("threads that start programs have none of the services' descriptors", async () => {
  await using directory = await manyServices();
  await using scan = await Scan.start(directory.path, { through: CLEAN });
  await allReady(directory);
  const [main, ...threads] = threadDescriptors(scan.pid);
  assert(main!.size > 3 * SERVICES, `${main!.size} descriptors`);
  const lean = threads.filter((thread) => thread.size < SERVICES);
  assert(lean.length > 0, `threads have ${threads.map((thread) => thread.size)}`);
  for (const thread of lean) assert([...thread.keys()].every((fd) => main!.has(fd)));
});

Deno.test("what is started on such a thread gets what it would get otherwise", async () => {
  const listing =
    "#!/bin/sh\nexec >list\nls -l /proc/$$/fd | sed -n 's/.*[0-9] \\([0-9]* -> \\)/\\1/p'\n" +
    "echo >&3\nexec 3>&- sleep 1000\n";
  await using directory = await manyServices();
  await using scan = await Scan.start(directory.path, { through: CLEAN });
  await allReady(directory);
  await directory.add("last", { run: listing, "notification-fd": "3\n" });
  await scan.send("a");
  await directory.ready("last");
  const list = await Deno.readTextFile(`${directory.service("last")}/list`);
  assert(!/supervise|eventpoll|\/s\d+$/m.test(list), list);
  assert(/^0 -> \/dev\/null$/m.test(list), list);
  assert(/^3 -> pipe:/m.test(list), list);
});

Deno.test("where its output may have a reader that outlives its services, all threads are alike", async () => {
  await using directory = await manyServices();
  const fifo = `${directory.path}/.fifo`;
  await using scan = await Scan.start(directory.path, {
    through: [...CLEAN, "sh", "-c", `mkfifo ${fifo}; exec "$@" <>${fifo} >${fifo}`, "sh"],
  });
  await allReady(directory);
  const [main, ...threads] = threadDescriptors(scan.pid);
  for (const thread of threads) assertEquals(thread.size, main!.size);
});

Deno.test("what the scan inherited its services inherit, too, from whatever thread", async () => {
  await using directory = await manyServices();
  await using _scan = await Scan.start(directory.path, {
    through: [...CLEAN, "bash", "-c", 'exec 7</etc/passwd 200</etc/group; exec "$@"', "bash"],
  });
  await allReady(directory);
  for (let index = 0; index < SERVICES; index++) {
    const { pid } = await directory.status(`s${index}`);
    assertEquals(Deno.readLinkSync(`/proc/${pid}/fd/7`), "/etc/passwd");
    assertEquals(Deno.readLinkSync(`/proc/${pid}/fd/200`), "/etc/group");
  }
});

Deno.test("what is closed is closed in all threads: a service that goes can be supervised elsewhere", async () => {
  await using directory = await manyServices();
  await using scan = await Scan.start(directory.path, { through: CLEAN });
  await allReady(directory);
  for (let index = 0; index < SERVICES; index++) {
    await Deno.rename(directory.service(`s${index}`), `${directory.path}/.s${index}`);
  }
  await scan.send("h");
  for (let index = 0; index < SERVICES; index++) {
    const service = `${directory.path}/.s${index}`;
    await until(() => !isSupervised(service), "its supervision to end");
    using lock = new Descriptor(open(CWD, `${service}/supervise/lock`, Open.READ_WRITE));
    assert(!isLocked(lock.fd, "the lock"));
  }
});
