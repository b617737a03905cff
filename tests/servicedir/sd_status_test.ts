import { assertEquals } from "@std/assert";
import { CWD, Descriptor, Open, open } from "../../lib/os/file.ts";
import { readSdStatus, writeSdStatus } from "../../lib/servicedir/sd_status.ts";
import { writeFiles } from "../support/files.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const FILE = "supervise/sd-status";

Deno.test("what a daemon tells of itself is read as it was written, for its process alone", async () => {
  await using place = await temporaryDirectory();
  await writeFiles(place.path, { [FILE]: "" });
  using directory = new Descriptor(open(CWD, place.path, Open.PATH));
  const told = { pid: 7, state: "stopping", status: "a=b, 50 %", extendedUntil: 1234.5 } as const;
  writeSdStatus(directory.fd, told);
  assertEquals(readSdStatus(directory.fd, 7), { ...told, extendedUntil: 1235 });
  assertEquals(readSdStatus(CWD, 7, place.path)?.status, "a=b, 50 %");
  assertEquals(readSdStatus(directory.fd, 8), undefined);
});

Deno.test("where values are missing or make no sense, the defaults count", async () => {
  await using place = await temporaryDirectory();
  await writeFiles(place.path, { [FILE]: "PID=7\nSTATE=running\nEXTENDED_UNTIL=soon\n" });
  assertEquals(readSdStatus(CWD, 7, place.path), {
    pid: 7,
    state: "running",
    status: "",
    extendedUntil: 0,
  });
  await writeFiles(place.path, { [FILE]: "PID=7\nSTATE=dreaming\n" });
  assertEquals(readSdStatus(CWD, 7, place.path), undefined);
});
