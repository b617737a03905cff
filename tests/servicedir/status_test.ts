import { assertEquals, assertThrows } from "@std/assert";
import { readStatus, SystemError } from "../../mod.ts";
import {
  isNotStartedYet,
  isUp,
  packStatus,
  type ServiceStatus,
  unpackStatus,
} from "../../lib/servicedir/status.ts";
import { wallClock } from "../../lib/os/clock.ts";
import { DEADLINE } from "../support/deadline.ts";
import { openDescriptors } from "../support/open_descriptors.ts";
import { run } from "../support/run.ts";
import { SILENT, supervisedByS6 } from "../support/supervised_by_s6.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const example: ServiceStatus = {
  stamp: 1_795_224_908_009_269_507n,
  readyStamp: 1_795_224_321_307_517_881n,
  pid: 9885,
  waitStatus: 0x008b,
  paused: false,
  finishing: false,
  wantUp: true,
  ready: false,
  finished: false,
};

/** A status file that s6-supervise wrote. */
const EXAMPLE_BYTES = "400000006b00f571008d7103" + "400000006b00f326125459b9" +
  "000000000000269d" + "008b" + "04";

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

Deno.test("a status has the bytes that s6-supervise gives it", () => {
  assertEquals(hex(packStatus(example)), EXAMPLE_BYTES);
  assertEquals(unpackStatus(packStatus(example)), example);
});

Deno.test("every flag, the greatest process id and every wait status survive being packed", () => {
  for (const flag of ["paused", "finishing", "wantUp", "ready"] as const) {
    const status = { ...example, wantUp: false, [flag]: true, pid: 4194304, waitStatus: 0xffff };
    assertEquals(unpackStatus(packStatus(status)), status);
  }
});

Deno.test("ready is only what is up; what is down may be finished", () => {
  const ready = { ...example, ready: true };
  const finished = { ...example, pid: 0, finished: true };
  const [up, down] = [ready, finished].map((status) => packStatus(status).at(-1));
  assertEquals(up, down, "the flag is the same");
  assertEquals(unpackStatus(packStatus(ready)), ready);
  assertEquals(unpackStatus(packStatus(finished)), finished);
});

Deno.test("up, finishing and not yet started are distinguished", () => {
  assertEquals([isUp(example), isNotStartedYet(example)], [true, false]);
  const finishing = { ...example, finishing: true };
  assertEquals([isUp(finishing), isNotStartedYet(finishing)], [false, false]);
  const fresh = { ...example, pid: 0, paused: true };
  assertEquals([isUp(fresh), isNotStartedYet(fresh)], [false, true]);
});

Deno.test("the status that s6-supervise writes is read", async () => {
  const before = wallClock();
  await using place = await supervisedByS6({ run: SILENT });
  assertEquals((await run(["s6-svwait", "-t", `${DEADLINE}`, "-u", place.path])).code, 0);
  const status = readStatus(place.path);
  const { stdout } = await run(["s6-svstat", "-o", "pid,ready,wantedup", place.path]);
  assertEquals(stdout, `${status.pid} ${status.ready} ${status.wantUp}\n`);
  assertEquals(before < status.stamp && status.stamp <= wallClock(), true);
});

Deno.test("a status file that is missing or cut short is an error that names it", async () => {
  await using place = await temporaryDirectory();
  const before = openDescriptors();
  assertThrows(() => readStatus(place.path), SystemError, `${place.path}/supervise/status`);
  Deno.mkdirSync(`${place.path}/supervise`);
  Deno.writeFileSync(`${place.path}/supervise/status`, packStatus(example).subarray(0, 34));
  assertThrows(() => readStatus(place.path), SystemError, "34 bytes of 35");
  assertEquals(openDescriptors(), before);
});
