import { assertEquals, assertStringIncludes } from "@std/assert";
import { CWD, Descriptor, Open, open } from "../../lib/os/file.ts";
import { readStatus, type ServiceStatus } from "../../lib/servicedir/status.ts";
import { StatusWriter } from "../../lib/supervise/status_writer.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { within } from "../support/within.ts";

const STATUS: ServiceStatus = {
  ...{ stamp: 1_000_000_000n, readyStamp: 2_000_000_000n, pid: 7, waitStatus: 9 },
  ...{ paused: false, finishing: false, wantUp: true, ready: false, finished: false },
};

async function writer() {
  const place = await temporaryDirectory();
  Deno.mkdirSync(`${place.path}/supervise`);
  const directory = new Descriptor(open(CWD, place.path, Open.PATH));
  const warnings: string[] = [];
  const status = new StatusWriter(directory.fd, (message) => warnings.push(message), STATUS);
  return {
    path: place.path,
    status,
    warnings,
    async [Symbol.asyncDispose]() {
      status.stop();
      directory[Symbol.dispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

const never = () => {
  throw new Error("it was written at once");
};

Deno.test("a status is written as a whole, and no second file is left", async () => {
  await using place = await writer();
  place.status.write({ ...STATUS, ready: true }, never);
  assertEquals(readStatus(place.path), { ...STATUS, ready: true });
  assertEquals(place.status.isStale, false);
  assertEquals([...Deno.readDirSync(`${place.path}/supervise`)].map(({ name }) => name), [
    "status",
  ]);
});

Deno.test("a status that can't be written is written later, and the warning comes once", async () => {
  await using place = await writer();
  Deno.mkdirSync(`${place.path}/supervise/status/in/the/way`, { recursive: true });
  const { promise, resolve } = Promise.withResolvers<void>();
  place.status.write(STATUS, resolve);
  assertEquals(place.status.isStale, true);
  assertEquals(place.warnings.length, 1);
  assertStringIncludes(place.warnings[0]!, "trying again until it succeeds");
  await within(promise, "the second attempt");
  place.status.write(STATUS, never);
  assertEquals([place.status.isStale, place.warnings.length], [true, 1]);
  Deno.removeSync(`${place.path}/supervise/status`, { recursive: true });
  place.status.write(STATUS, never);
  assertEquals([place.status.isStale, place.warnings.length], [false, 1]);
  assertEquals(readStatus(place.path), STATUS);
});

Deno.test("where the service directory is gone, no status is written any more", async () => {
  await using place = await writer();
  Deno.removeSync(`${place.path}/supervise`, { recursive: true });
  place.status.write(STATUS, never);
  assertEquals([place.status.isStale, place.warnings.length], [false, 1]);
});
