import { assertEquals } from "@std/assert";
import { explain } from "../../lib/explain/explain.ts";
import type { Facts } from "../../lib/explain/facts.ts";
import {
  readFacts,
  readFactsInOpen,
  readFactsWithoutProcesses,
} from "../../lib/explain/read_facts.ts";
import { readService } from "../../lib/explain/read_service.ts";
import { tryLock } from "../../lib/os/lock.ts";
import { CWD, Descriptor, Open, open } from "../../lib/os/file.ts";
import { packStatus, type ServiceStatus } from "../../lib/servicedir/status.ts";
import { StatusCopies } from "../../lib/servicedir/status_copies.ts";
import { StatusCopiesFile } from "../../lib/scan/status_copies_file.ts";
import { writeFiles } from "../support/files.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const READY: ServiceStatus = {
  stamp: 1_700_000_000_000_000_000n,
  readyStamp: 1_700_000_001_000_000_000n,
  pid: Deno.pid,
  waitStatus: 0 as ServiceStatus["waitStatus"],
  paused: false,
  finishing: false,
  wantUp: true,
  ready: true,
  finished: false,
};

/** Takes the lock of a service as its supervisor does. */
function supervised(dir: string): Descriptor {
  const lock = new Descriptor(open(CWD, `${dir}/supervise/lock`, Open.WRITE | Open.CREATE));
  tryLock(lock.fd, "lock");
  return lock;
}

function withoutTime({ now: _, ...facts }: Facts) {
  return facts;
}

Deno.test("facts that are read at once are those that are read in two steps", async () => {
  await using place = await temporaryDirectory();
  const at = (name: string) => `${place.path}/${name}`;
  const status = (what: Partial<ServiceStatus>) => packStatus({ ...READY, ...what });
  const run = "#!/bin/sh\necho >&3\n";
  await writeFiles(at("fresh"), { run });
  await writeFiles(at("other"), { readme: "" });
  await writeFiles(at("left"), { run, "supervise/status": "" });
  await writeFiles(at("short"), { run, "supervise/status": "short" });
  await Deno.writeTextFile(at("file"), "");
  const states: Record<string, Partial<ServiceStatus>> = {
    ready: {},
    waiting: { ready: false },
    down: { pid: 0, ready: false, finished: true, wantUp: false },
    // No process has such an id.
    gone: { pid: 0x7fff_fffe },
  };
  using locks = new DisposableStack();
  locks.use(supervised(at("short")));
  for (const [name, what] of Object.entries(states)) {
    await writeFiles(at(name), {
      run,
      down: "",
      "notification-fd": "3\n",
      "supervise/readiness": "",
    });
    await Deno.writeFile(`${at(name)}/supervise/status`, status(what));
    locks.use(supervised(at(name)));
  }
  const found: Record<string, string> = {};
  for (const name of ["none", "file", "fresh", "other", "left", "short", ...Object.keys(states)]) {
    const together = readFactsWithoutProcesses(at(name), name);
    const apart = readFacts(readService(at(name), name), []);
    assertEquals(withoutTime(together), withoutTime(apart), name);
    found[name] = explain(together).state;
  }
  assertEquals(found, {
    none: "missing",
    file: "missing",
    fresh: "unsupervised",
    other: "missing",
    left: "unknown",
    short: "unknown",
    ready: "ready",
    waiting: "starting",
    down: "down",
    gone: "unknown",
  });
});

Deno.test("of a service that has died since the copies were read its own file is asked", async () => {
  await using place = await temporaryDirectory();
  const dir = `${place.path}/web`;
  const down = { ...READY, pid: 0, ready: false, finished: true };
  await writeFiles(dir, { run: "#!/bin/sh\n", "supervise/lock": "" });
  await Deno.mkdir(`${place.path}/.s6-svscan`);
  await Deno.writeFile(`${dir}/supervise/status`, packStatus(down));
  using lock = supervised(dir);
  using scan = new Descriptor(open(CWD, place.path, Open.PATH));
  using file = new StatusCopiesFile(scan.fd);
  using directory = new Descriptor(open(CWD, dir, Open.PATH));
  const copy = file.enter(lock.fd)!;
  const facts = (status: ServiceStatus) => {
    copy.write(packStatus(status));
    return readFactsInOpen(directory.fd, dir, "web", undefined, StatusCopies.read(scan.fd));
  };
  assertEquals(facts(READY).status, READY);
  // No process has such an id.
  assertEquals(facts({ ...READY, pid: 0x7fff_fffe }).status, down);
});
