import { assertEquals } from "@std/assert";
import { CWD, Descriptor, Open, open, writeAll } from "../../lib/os/file.ts";
import { identityAt } from "../../lib/os/file_status.ts";
import { tryLock } from "../../lib/os/lock.ts";
import { cString } from "../../lib/os/os_string.ts";
import { packStatus, type ServiceStatus } from "../../lib/servicedir/status.ts";
import { firstSlot, Slot, SLOT_BYTES, StatusCopies } from "../../lib/servicedir/status_copies.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const STATUS: ServiceStatus = {
  ...{ stamp: 1_700_000_000_123_456_789n, readyStamp: 1_700_000_001_000_000_001n },
  ...{ pid: 4_194_303, waitStatus: 9 },
  ...{ paused: false, finishing: false, wantUp: true, ready: true, finished: false },
};

/** A scan directory with a service "web", and a file of copies that this process has locked, unless told otherwise. */
async function scanned(
  slots: (lock: Int32Array) => Uint8Array<ArrayBuffer>[],
  { first = firstSlot(), locked = true } = {},
) {
  const place = await temporaryDirectory();
  for (const path of [".s6-svscan", "web/supervise", "other/supervise"]) {
    Deno.mkdirSync(`${place.path}/${path}`, { recursive: true });
  }
  for (const name of ["web", "other"]) {
    Deno.writeTextFileSync(`${place.path}/${name}/supervise/lock`, "");
  }
  const lock = identityAt(CWD, cString(`${place.path}/web/supervise/lock`))!.slice();
  const path = `${place.path}/.s6-svscan/statuses`;
  const file = new Descriptor(open(CWD, path, Open.WRITE | Open.CREATE));
  if (locked) tryLock(file.fd, path);
  for (const slot of [first, ...slots(lock)]) writeAll(file.fd, slot, path);
  const scan = new Descriptor(open(CWD, place.path, Open.PATH));
  return {
    path: place.path,
    /** Reads the copies, and returns that of a service. */
    statusOf(name: string): ServiceStatus | undefined {
      using directory = new Descriptor(open(scan.fd, name, Open.PATH));
      return StatusCopies.read(scan.fd)?.statusOf(directory.fd);
    },
    async [Symbol.asyncDispose]() {
      scan[Symbol.dispose]();
      file[Symbol.dispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

/** Returns a slot of a service. */
function slot(lock: Int32Array, status = STATUS): Uint8Array<ArrayBuffer> {
  const made = new Slot(lock);
  made.update(packStatus(status));
  return made.bytes;
}

Deno.test("the copy of a status is found by the lock of its service, by any name", async () => {
  const down: ServiceStatus = {
    ...STATUS,
    ...{ pid: 0, ready: false, finished: true, wantUp: false, readyStamp: 0n },
  };
  for (const status of [STATUS, down]) {
    await using place = await scanned((lock) => [
      slot(lock.map((word) => word + 1)),
      slot(lock, status),
      slot(lock.map((word, index) => index === 2 ? word + 1 : word)).fill(0),
    ]);
    assertEquals(place.statusOf("web"), status);
    assertEquals(place.statusOf("other"), undefined);
    Deno.renameSync(`${place.path}/web`, `${place.path}/moved`);
    Deno.symlinkSync("moved", `${place.path}/link`);
    assertEquals(place.statusOf("link"), status);
  }
});

Deno.test("another directory under the name of a service has no copy", async () => {
  await using place = await scanned((lock) => [slot(lock)]);
  assertEquals(place.statusOf("web"), STATUS);
  Deno.renameSync(`${place.path}/web`, `${place.path}/gone`);
  Deno.renameSync(`${place.path}/other`, `${place.path}/web`);
  assertEquals(place.statusOf("web"), undefined);
  // A lock file that was made anew is not the one that the scan holds.
  Deno.removeSync(`${place.path}/gone/supervise/lock`);
  assertEquals(place.statusOf("gone"), undefined);
});

Deno.test("a slot with another device, or the upper half of another inode, is another file's", async () => {
  for (const index of [0, 1, 2]) {
    await using place = await scanned((lock) => [
      slot(lock.map((word, at) => at === index ? word + 1 : word)),
    ]);
    assertEquals(place.statusOf("web"), undefined);
  }
});

Deno.test("what is not locked was left by a scan that is gone", async () => {
  await using place = await scanned((lock) => [slot(lock)], { locked: false });
  assertEquals(place.statusOf("web"), undefined);
});

Deno.test("copies of another version are left alone", async () => {
  const first = firstSlot();
  first[12]!++;
  await using place = await scanned((lock) => [slot(lock)], { first });
  assertEquals(place.statusOf("web"), undefined);
});

Deno.test("half of a slot is not believed, wherever the halves meet", async () => {
  const next: ServiceStatus = {
    ...STATUS,
    ...{ stamp: STATUS.stamp + 2_000_000_001n, readyStamp: STATUS.readyStamp + 3_000_000_007n },
    ...{ pid: 77, waitStatus: 0, ready: false },
  };
  for (let at = 4; at < SLOT_BYTES; at += 4) {
    let isWhole = false;
    await using place = await scanned((lock) => {
      const [before, after] = [slot(lock), slot(lock, next)];
      const torn = Uint8Array.of(...after.subarray(0, at), ...before.subarray(at));
      isWhole = [before, after].some((whole) => whole.every((byte, index) => byte === torn[index]));
      return [torn];
    });
    if (!isWhole) assertEquals(place.statusOf("web"), undefined, `${at}`);
    else assertEquals([STATUS.pid, next.pid].includes(place.statusOf("web")!.pid), true);
  }
});

Deno.test("a file that is cut short, empty, a FIFO or missing has what is whole in it", async () => {
  await using place = await scanned((lock) => [slot(lock), slot(lock).subarray(0, 40)]);
  assertEquals(place.statusOf("web"), STATUS);
  const path = `${place.path}/.s6-svscan/statuses`;
  Deno.truncateSync(path, SLOT_BYTES + 40);
  assertEquals(place.statusOf("web"), undefined);
  Deno.truncateSync(path, 0);
  assertEquals(place.statusOf("web"), undefined);
  Deno.removeSync(path);
  assertEquals(place.statusOf("web"), undefined);
  assertEquals(new Deno.Command("mkfifo", { args: [path] }).outputSync().code, 0);
  assertEquals(place.statusOf("web"), undefined);
});

Deno.test("the slot of one service with the status of the next is not believed", async () => {
  await using place = await scanned((lock) => {
    const next = slot(lock.map((word, index) => index === 3 ? word + 1 : word), {
      ...STATUS,
      pid: 8,
    });
    return [Uint8Array.of(...slot(lock).subarray(0, 16), ...next.subarray(16))];
  });
  assertEquals(place.statusOf("web"), undefined);
});
