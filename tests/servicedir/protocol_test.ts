import { assertEquals } from "@std/assert";
import { LISTENER_NAME_LENGTH, newListenerName } from "../../lib/fifodir/names.ts";
import {
  byteOf,
  ControlCommand,
  DEATH_BYTES,
  ScanCommand,
  ScanPath,
  ServiceEvent,
  STATUS_BYTES,
  SupervisePath,
} from "../../lib/servicedir/protocol.ts";
import { packDeathTally } from "../../lib/servicedir/death_tally.ts";
import { packStatus } from "../../lib/servicedir/status.ts";

const sorted = (values: Readonly<Record<string, string>>) => Object.values(values).sort().join("");

Deno.test("each command and each event is one byte of the protocol, and none is twice there", () => {
  // As in s6-svc(1), and N, W and E, which only sv has.
  assertEquals(sorted(ControlCommand), [..."abqhkti12pcyrlPCKoduDUxOQNWE"].sort().join(""));
  // As in s6-svscanctl(1), and V, which only sv has.
  assertEquals(sorted(ScanCommand), [..."zabhitqnNV"].sort().join(""));
  assertEquals(sorted(ServiceEvent), [..."suUdODx"].sort().join(""));
  assertEquals(byteOf(ServiceEvent.ready), 0x55);
});

Deno.test("the lock and the control FIFO are in the directory that has them", () => {
  for (const { directory, lock, control } of [SupervisePath, ScanPath]) {
    assertEquals([lock, control], [`${directory}/lock`, `${directory}/control`]);
  }
});

Deno.test("the sizes are those of what is written", () => {
  const status = { stamp: 0n, readyStamp: 0n, pid: 1, waitStatus: 0 };
  const flags = { paused: false, finishing: false, wantUp: true, ready: true, finished: false };
  assertEquals(packStatus({ ...status, ...flags }).length, STATUS_BYTES);
  assertEquals(packDeathTally([{ stamp: 0n, exitCode: 0, signal: 0 }]).length, DEATH_BYTES);
  assertEquals(newListenerName(0n).length, LISTENER_NAME_LENGTH);
});
