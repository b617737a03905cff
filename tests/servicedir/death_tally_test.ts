import { assertEquals, assertThrows } from "@std/assert";
import { SystemError } from "../../mod.ts";
import {
  clearDeathTally,
  death,
  packDeathTally,
  readDeathTally,
  unpackDeathTally,
} from "../../lib/servicedir/death_tally.ts";
import { SupervisePath } from "../../lib/servicedir/protocol.ts";
import { exited, signaled } from "../../lib/os/wait_status.ts";
import { missingPrograms, testNeeding } from "../support/needs.ts";
import { run } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const DEATHS = [
  death(1_795_224_321_000_000_001n, exited(3)),
  death(1_795_224_322_000_000_002n, signaled(15)),
  death(1_795_224_323_000_000_003n, signaled(11, true)),
];

async function serviceWith(bytes: Uint8Array) {
  const place = await temporaryDirectory();
  Deno.mkdirSync(`${place.path}/supervise`);
  Deno.writeFileSync(`${place.path}/${SupervisePath.deathTally}`, bytes);
  return place;
}

Deno.test("a death by a signal counts as exit code 128 + the signal", () => {
  assertEquals(DEATHS.map(({ exitCode, signal }) => [exitCode, signal]), [
    [3, 0],
    [143, 15],
    [139, 11],
  ]);
});

Deno.test("a tally survives being packed", () => {
  assertEquals(unpackDeathTally(packDeathTally(DEATHS)), DEATHS);
});

testNeeding([missingPrograms("s6-svdt")], "s6-svdt reads a packed tally", async () => {
  await using place = await serviceWith(packDeathTally(DEATHS));
  const { stdout } = await run(["s6-svdt", "-s", place.path]);
  assertEquals(stdout.split("\n").map((line) => line.slice(26)), [
    "exitcode 3",
    "signal 15",
    "signal 11",
    "",
  ]);
});

Deno.test("a tally that is cut short is taken as none", async () => {
  await using place = await serviceWith(packDeathTally(DEATHS).subarray(0, 30));
  assertEquals(readDeathTally(place.path), []);
});

Deno.test("a service forgets its deaths when it is told to", async () => {
  await using place = await serviceWith(packDeathTally(DEATHS));
  assertEquals(readDeathTally(place.path), DEATHS);
  clearDeathTally(place.path);
  assertEquals(readDeathTally(place.path), []);
});

Deno.test("no tally where a supervisor has run is an empty one; elsewhere it is an error", async () => {
  await using place = await temporaryDirectory();
  assertThrows(() => readDeathTally(place.path), SystemError, SupervisePath.deathTally);
  Deno.mkdirSync(`${place.path}/supervise`);
  assertEquals(readDeathTally(place.path), []);
});
