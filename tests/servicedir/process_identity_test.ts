import { assert, assertEquals } from "@std/assert";
import { CWD, Descriptor, Open, open } from "../../lib/os/file.ts";
import {
  ProcessRecord,
  readIdentity,
  readLife,
  stillRuns,
} from "../../lib/servicedir/process_identity.ts";
import { SupervisePath } from "../../lib/servicedir/protocol.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

/** A service directory, open. */
async function serviceDirectory() {
  const place = await temporaryDirectory();
  Deno.mkdirSync(`${place.path}/supervise`);
  const opened = new Descriptor(open(CWD, place.path, Open.PATH | Open.DIRECTORY));
  return {
    record: `${place.path}/${SupervisePath.process}`,
    fd: opened.fd,
    async [Symbol.asyncDispose]() {
      opened[Symbol.dispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

Deno.test("the recorded process still runs until it dies", async () => {
  await using service = await serviceDirectory();
  const child = new Deno.Command("sleep", { args: ["1000"] }).spawn();
  assert(new ProcessRecord(service.fd).started(child.pid, "run"));
  const identity = readIdentity(service.fd)!;
  assertEquals(identity.pid, child.pid);
  assert(stillRuns(identity));
  child.kill("SIGKILL");
  await child.status;
  assert(!stillRuns(identity));
});

Deno.test("another start or another boot is another process", async () => {
  await using service = await serviceDirectory();
  const child = new Deno.Command("sleep", { args: ["1000"] }).spawn();
  try {
    new ProcessRecord(service.fd).started(child.pid, "run");
    const identity = readIdentity(service.fd)!;
    const later = String(Number(identity.ticks) + 1);
    assert(!stillRuns({ ...identity, ticks: later }));
    assert(!stillRuns({ ...identity, boot: identity.boot.replace(/^./, "g") }));
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
});

Deno.test("a process that is no child of this one is not recorded", async () => {
  await using service = await serviceDirectory();
  assert(!new ProcessRecord(service.fd).started(Deno.ppid, "run"));
  assertEquals(readIdentity(service.fd), undefined);
});

Deno.test("a shorter record replaces a longer one", async () => {
  await using service = await serviceDirectory();
  Deno.writeTextFileSync(service.record, `${"9".repeat(100)} 1 b\n`);
  const child = new Deno.Command("sleep", { args: ["1000"] }).spawn();
  try {
    assert(new ProcessRecord(service.fd).started(child.pid, "run"));
    assertEquals(readIdentity(service.fd)!.pid, child.pid);
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
});

for (const text of ["", "\n", "1 2 3", "1 2\n", "x 2 3\n", "1 x 3\n", "-1 2 3\n"]) {
  Deno.test(`${JSON.stringify(text)} is no record`, async () => {
    await using service = await serviceDirectory();
    Deno.writeTextFileSync(service.record, text);
    assertEquals(readIdentity(service.fd), undefined);
  });
}

Deno.test("a link in the place of the record is not followed", async () => {
  await using service = await serviceDirectory();
  const other = `${service.record}.other`;
  Deno.writeTextFileSync(other, "precious");
  Deno.symlinkSync(other, service.record);
  const child = new Deno.Command("sleep", { args: ["1000"] }).spawn();
  try {
    assert(!new ProcessRecord(service.fd).started(child.pid, "run"));
    assertEquals(Deno.readTextFileSync(other), "precious");
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
});

Deno.test("the record tells how often run was started, its last process, and since when it stops", async () => {
  await using service = await serviceDirectory();
  const record = new ProcessRecord(service.fd);
  record.starting("run");
  assertEquals(readLife(service.fd), { starts: 0, last: 0, stoppingSince: 0n });
  // Its process can't be recorded, as if it had died at once.
  record.started(Deno.ppid, "run");
  record.starting("finish");
  record.started(Deno.ppid, "finish");
  assertEquals(readLife(service.fd), { starts: 1, last: Deno.ppid, stoppingSince: 0n });
  record.stopping(1_700_000_000_000_000_001n);
  const stopping = { starts: 1, last: Deno.ppid, stoppingSince: 1_700_000_000_000_000_001n };
  assertEquals(readLife(service.fd), stopping);
  const next = new ProcessRecord(service.fd);
  next.resume(Deno.ppid, "run");
  next.stopping(5n);
  assertEquals(readLife(service.fd), { ...stopping, stoppingSince: 5n });
  next.started(Deno.ppid, "run");
  assertEquals(readLife(service.fd), { starts: 2, last: Deno.ppid, stoppingSince: 0n });
});

Deno.test("a record of an older version tells nothing besides", async () => {
  await using service = await serviceDirectory();
  Deno.writeTextFileSync(service.record, "7 123 0-1 run\nrun\n");
  assertEquals(readLife(service.fd), undefined);
  assertEquals(readIdentity(service.fd)?.pid, 7);
});
