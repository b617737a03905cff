/** The scan's copies of status files: true for as long as it runs, and never believed afterwards. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { exists } from "@std/fs/exists";
import { CWD, Descriptor, Open, open } from "../../lib/os/file.ts";
import { tryLock } from "../../lib/os/lock.ts";
import { StatusCopiesFile } from "../../lib/scan/status_copies_file.ts";
import { packStatus, type ServiceStatus } from "../../lib/servicedir/status.ts";
import { SLOT_BYTES } from "../../lib/servicedir/status_copies.ts";
import { FifodirListener } from "../support/fifodir_listener.ts";
import { testNeeding } from "../support/needs.ts";
import { svCommand } from "../support/program.ts";
import { run } from "../support/run.ts";
import { Scan, scans } from "../support/scan.ts";
import { readyService, ScanDirectory, silentService } from "../support/scan_directory.ts";
import { readStatusFile } from "../support/status_file.ts";
import { Supervisor, supervisors } from "../support/supervisor.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { missingMounts, mountTmpfs } from "../support/tmpfs.ts";
import { until } from "../support/until.ts";
import { assertCopied, copiedStatus } from "./copied_status.ts";

const STATUS: ServiceStatus = {
  ...{ stamp: 1_700_000_000_000_000_000n, readyStamp: 1_700_000_001_000_000_000n, pid: 7 },
  ...{ waitStatus: 0, paused: false, finishing: false, wantUp: true, ready: true, finished: false },
};
const BYTES = packStatus(STATUS);

/** Makes a scan directory at a path, with services whose locks this process has. */
function take(path: string, names: readonly string[]) {
  Deno.mkdirSync(`${path}/.s6-svscan`, { recursive: true });
  const scan = new Descriptor(open(CWD, path, Open.READ | Open.DIRECTORY));
  const locks = names.map((name) => {
    Deno.mkdirSync(`${path}/${name}/supervise`, { recursive: true });
    const lock = `${path}/${name}/supervise/lock`;
    const file = new Descriptor(open(CWD, lock, Open.WRITE | Open.CREATE));
    assert(tryLock(file.fd, lock));
    return file;
  });
  return {
    scan: scan.fd,
    locks: locks.map(({ fd }) => fd),
    copyOf: (name: string) => copiedStatus(path, `${path}/${name}`),
    [Symbol.dispose]() {
      [scan, ...locks].forEach((file) => file[Symbol.dispose]());
    },
  };
}

Deno.test("a copy is there from the first write until it is removed, and its place is used again", async () => {
  await using place = await temporaryDirectory();
  using taken = take(place.path, ["a", "b", "c"]);
  using file = new StatusCopiesFile(taken.scan);
  const path = `${place.path}/.s6-svscan/statuses`;
  assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
  const [a, b, c] = taken.locks;
  const first = file.enter(a!)!;
  assertEquals(taken.copyOf("a"), undefined);
  first.write(BYTES);
  file.enter(b!)!.write(packStatus({ ...STATUS, pid: 8 }));
  assertEquals([taken.copyOf("a")?.pid, taken.copyOf("b")?.pid], [7, 8]);
  first.write(packStatus({ ...STATUS, pid: 9 }));
  assertEquals([taken.copyOf("a")?.pid, taken.copyOf("b")?.pid], [9, 8]);
  first.remove();
  assertEquals([taken.copyOf("a"), taken.copyOf("b")?.pid], [undefined, 8]);
  // A write that was repeated comes too late.
  first.write(BYTES);
  assertEquals(taken.copyOf("a"), undefined);
  const { size } = Deno.statSync(path);
  file.enter(c!)!.write(BYTES);
  assertEquals([taken.copyOf("c")?.pid, Deno.statSync(path).size], [7, size]);
  assertEquals(size, 3 * SLOT_BYTES);
  assertEquals([...Deno.readDirSync(`${place.path}/.s6-svscan`)].map(({ name }) => name), [
    "statuses",
  ]);
});

Deno.test("what a killed scan has left is replaced, also a link in its place", async () => {
  await using place = await temporaryDirectory();
  using taken = take(place.path, ["a"]);
  Deno.writeTextFileSync(`${place.path}/precious`, "precious");
  Deno.symlinkSync("../precious", `${place.path}/.s6-svscan/statuses.new`);
  Deno.symlinkSync("../precious", `${place.path}/.s6-svscan/statuses`);
  using file = new StatusCopiesFile(taken.scan);
  file.enter(taken.locks[0]!)!.write(BYTES);
  assertEquals(taken.copyOf("a"), STATUS);
  assertEquals(Deno.readTextFileSync(`${place.path}/precious`), "precious");
});

Deno.test("where the file can't be made there are no copies", async () => {
  await using place = await temporaryDirectory();
  using taken = take(place.path, ["a"]);
  Deno.mkdirSync(`${place.path}/.s6-svscan/statuses/in/the/way`, { recursive: true });
  using file = new StatusCopiesFile(taken.scan);
  assertEquals(file.enter(taken.locks[0]!), undefined);
  assertEquals(taken.copyOf("a"), undefined);
});

Deno.test("a scan whose files may not grow keeps no copies, and is not killed for one", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  // A gigabyte, which the program needs to unpack itself: a limit is a limit.
  await using _scan = await Scan.start(directory.path, {
    through: ["prlimit", "--fsize=1073741824", "--"],
  });
  await directory.ready("a");
  assertEquals(await exists(`${directory.path}/.s6-svscan/statuses`), false);
});

testNeeding(
  [missingMounts()],
  "when a copy can't be written no copy is believed any more, and nothing fails",
  async () => {
    await using place = await temporaryDirectory();
    await using disk = await mountTmpfs(`${place.path}/disk`, "64k");
    // A page of the disk has room for 64 slots.
    const names = Array.from({ length: 70 }, (_, index) => `s${index}`);
    using taken = take(disk.path, names);
    using file = new StatusCopiesFile(taken.scan);
    const copies = taken.locks.map((lock) => file.enter(lock)!);
    copies[0]!.write(BYTES);
    assertEquals(taken.copyOf("s0"), STATUS);
    await disk.fill();
    copies[1]!.write(BYTES);
    assertEquals(taken.copyOf("s1"), STATUS);
    copies[69]!.write(BYTES);
    assertEquals(taken.copyOf("s0"), undefined);
    copies.forEach((copy) => copy.write(BYTES));
    copies.forEach((copy) => copy.remove());
    assertEquals(file.enter(taken.locks[0]!), undefined);
  },
);

Deno.test("each change of a service is in its copy when its event comes", async () => {
  await using directory = await ScanDirectory.make({
    a: readyService,
    b: { ...silentService, down: "" },
  });
  await using _scan = await Scan.start(directory.path);
  const check = (name: string) => assertCopied(directory.path, directory.service(name));
  const { pid } = await directory.ready("a");
  await check("a");
  await directory.until("b", ({ pid }) => pid === 0, "to be down");
  await check("b");
  await using events = await FifodirListener.subscribe(`${directory.service("a")}/event`);
  // Who hears of the readiness may look at once.
  for (let turn = 0; turn < 5; turn++) {
    await directory.send("a", "r");
    await events.until("U");
    const copy = copiedStatus(directory.path, directory.service("a"));
    assertEquals([copy?.ready, copy?.pid], [true, (await directory.status("a")).pid]);
  }
  assertNotEquals((await directory.status("a")).pid, pid);
  await directory.send("a", "d");
  await events.until("D");
  assertEquals(copiedStatus(directory.path, directory.service("a"))?.finished, true);
  await check("a");
});

Deno.test("without a supervisor, or with another one, a service has no copy", async () => {
  await using directory = await ScanDirectory.make({ a: silentService, b: silentService });
  await using scan = await Scan.start(directory.path);
  await directory.up("a");
  await directory.up("b");
  const copy = (name: string) => copiedStatus(directory.path, `${directory.parent}/${name}`);
  assertEquals(copy("scan/a")?.pid, (await directory.status("a")).pid);
  await Deno.rename(directory.service("a"), `${directory.parent}/a`);
  assertNotEquals(copy("a"), undefined);
  await scan.send("an");
  await until(async () => (await run(["s6-svok", `${directory.parent}/a`])).code === 1, "its end");
  assertEquals(copy("a"), undefined);
  await using _other = await Supervisor.start(supervisors.sv, `${directory.parent}/a`);
  await until(async () => (await readStatusFile(`${directory.parent}/a`)).pid !== 0, "a to be up");
  await Deno.rename(`${directory.parent}/a`, directory.service("a"));
  await scan.send("a");
  await until(() => scan.stderr.includes("another supervisor"), "the scan to be refused");
  assertEquals(copy("scan/a"), undefined);
  await directory.send("a", "xd");
  await until(() => copy("scan/a")?.pid, "the scan to have it");
  await assertCopied(directory.path, directory.service("a"));
});

Deno.test("a scan that was killed has no copies; the next one has, also of what it takes over", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  const copy = () => copiedStatus(directory.path, directory.service("a"));
  const kill = async (scan: Scan) => {
    Deno.kill(scan.pid, "SIGKILL");
    await scan[Symbol.asyncDispose]();
  };
  const scan = await Scan.start(directory.path);
  const { pid } = await directory.ready("a");
  await assertCopied(directory.path, directory.service("a"));
  await kill(scan);
  assertEquals(copy(), undefined);
  const next = await Scan.start(directory.path);
  await until(() => copy()?.pid === pid && copy()?.ready, "the survivor to have a copy");
  await assertCopied(directory.path, directory.service("a"));
  await kill(next);
  // An s6-svscan has no copies, and does not make true what another scan has left.
  await using s6 = await Scan.start(directory.path, { command: scans.s6 });
  await directory.restarted("a", pid);
  assertEquals(copy(), undefined);
  await s6.send("t");
  await s6.exited();
});

Deno.test("an upgraded scan has copies of all its services, as their files have them", async () => {
  await using directory = await ScanDirectory.make({
    ready: readyService,
    silent: silentService,
    // Its file tells "not started yet", which the scan itself remembers no more.
    down: { ...silentService, down: "" },
    gone: silentService,
  });
  await using scan = await Scan.start(directory.path);
  await directory.ready("ready");
  await directory.up("silent");
  await directory.up("gone");
  await directory.until("down", () => true, "to have a status");
  await Deno.remove(`${directory.service("gone")}/supervise/status`);
  const { ino } = await Deno.stat(`${directory.path}/.s6-svscan/statuses`);
  const { code, stderr } = await run([...svCommand("scanctl"), "--upgrade", directory.path]);
  assertEquals(code, 0, stderr + scan.stderr);
  assertNotEquals((await Deno.stat(`${directory.path}/.s6-svscan/statuses`)).ino, ino);
  for (const name of ["ready", "silent", "down"]) {
    await assertCopied(directory.path, directory.service(name));
  }
  assertEquals(copiedStatus(directory.path, directory.service("down"))?.paused, true);
  assertEquals(copiedStatus(directory.path, directory.service("gone")), undefined);
  // No copy of the descriptor has outlived the former program.
  const held = (await Array.fromAsync(Deno.readDir(`/proc/${scan.pid}/fd`)))
    .map(({ name }) => Deno.readLinkSync(`/proc/${scan.pid}/fd/${name}`))
    .filter((path) => path.includes("statuses"));
  assertEquals(held, [`${directory.path}/.s6-svscan/statuses`]);
  await directory.send("silent", "d");
  await directory.until("silent", ({ pid, ready }) => pid === 0 && ready, "to be down");
  await assertCopied(directory.path, directory.service("silent"));
});
