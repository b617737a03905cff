import { assertEquals } from "@std/assert";
import { CWD, Descriptor, Open, open } from "../../lib/os/file.ts";
import {
  readPollingFault,
  readPollingStatus,
  writePollingFault,
  writePollingStatus,
} from "../../lib/servicedir/polling_status.ts";
import { writeFiles } from "../support/files.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const FILE = "supervise/readiness";

Deno.test("the state of polling is read as it was written, a failure on one line", async () => {
  await using place = await temporaryDirectory();
  await writeFiles(place.path, { [FILE]: "" });
  using directory = new Descriptor(open(CWD, place.path, Open.PATH));
  const status = { pid: 7, state: "gave up", tries: 3 } as const;
  writePollingStatus(directory.fd, { ...status, lastFailure: "first line\nsecond=line" });
  const read = { ...status, lastFailure: "first line second=line" };
  assertEquals(readPollingStatus(directory.fd, 7), read);
  assertEquals(readPollingStatus(CWD, 7, place.path), read);
  assertEquals(readPollingStatus(directory.fd, 8), undefined);
});

Deno.test("why a daemon can't be polled is no state of polling, and is read as it was written", async () => {
  await using place = await temporaryDirectory();
  await writeFiles(place.path, { [FILE]: "" });
  using directory = new Descriptor(open(CWD, place.path, Open.PATH));
  writePollingFault(directory.fd, 7, "unknown option\n--htp");
  assertEquals(readPollingFault(directory.fd, 7), "unknown option --htp");
  assertEquals(readPollingFault(CWD, 7, place.path), "unknown option --htp");
  assertEquals(readPollingFault(directory.fd, 8), undefined);
  assertEquals(readPollingStatus(directory.fd, 7), undefined);
  writePollingStatus(directory.fd, { pid: 7, state: "polling", tries: 0, lastFailure: "no" });
  assertEquals(readPollingFault(directory.fd, 7), undefined);
});

Deno.test("what a check printed, and since when one has been running, are read as written", async () => {
  await using place = await temporaryDirectory();
  await writeFiles(place.path, { [FILE]: "" });
  using directory = new Descriptor(open(CWD, place.path, Open.PATH));
  const status = { pid: 7, state: "polling", tries: 3, lastFailure: "no" } as const;
  writePollingStatus(directory.fd, {
    ...status,
    lastOutput: "a\nb",
    runningSince: 1234.5,
    lastDuration: 0.25,
  });
  assertEquals(readPollingStatus(directory.fd, 7), {
    ...status,
    lastOutput: "a b",
    runningSince: 1234,
    lastDuration: 0.25,
  });
});

Deno.test("a long failure is cut, and a state that sv does not know counts for nothing", async () => {
  await using place = await temporaryDirectory();
  await writeFiles(place.path, { [FILE]: "" });
  using directory = new Descriptor(open(CWD, place.path, Open.PATH));
  const status = { pid: 7, state: "polling", tries: 1, lastFailure: "x".repeat(5000) } as const;
  writePollingStatus(directory.fd, status);
  assertEquals(readPollingStatus(directory.fd, 7)?.lastFailure, "x".repeat(1024));
  await writeFiles(place.path, { [FILE]: "PID=7\nSTATE=dreaming\nTRIES=1\nFAILURE=\n" });
  assertEquals(readPollingStatus(directory.fd, 7), undefined);
});
