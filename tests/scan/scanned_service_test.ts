/** A service of a scan, with programs that take as long to start as the test wants. */
import { assertEquals } from "@std/assert";
import { descriptorState, pipe } from "../../lib/os/descriptor.ts";
import { close } from "../../lib/os/file.ts";
import type { Spawned, SpawnRequest } from "../../lib/os/spawn/spawner.ts";
import { ScannedService } from "../../lib/scan/scanned_service.ts";
import { until } from "../support/until.ts";
import { readyService, ScanDirectory } from "../support/scan_directory.ts";

Deno.test("the pipe between service and logger stays open until a program that gets it is started", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  const requests: SpawnRequest[] = [];
  const { promise, reject } = Promise.withResolvers<Spawned>();
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  const scanned = new ScannedService(
    directory.service("a"),
    "a logger, for its name has a slash",
    {
      spawner: {
        spawn: (request) => {
          requests.push(request);
          return promise;
        },
      },
      deaths: { watch: () => ({ [Symbol.dispose]() {} }) },
    },
    () => {},
    () => resolve(),
  );
  const made = pipe();
  scanned.pipeEnd = made.read;
  scanned.start();
  await until(() => requests.length === 1, "a program to be started");
  assertEquals(requests[0]!.stdin, made.read);
  scanned.closePipe();
  assertEquals(scanned.pipeEnd, undefined);
  assertEquals(descriptorState(made.read), "private");
  reject(new Error("it can't be started"));
  await until(() => descriptorState(made.read) === "closed", "the pipe to be closed");
  close(made.write);
  scanned.ending = true;
  scanned.stop(false);
  await gone;
});
