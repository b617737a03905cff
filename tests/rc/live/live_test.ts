import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { CWD, Descriptor, Open, open } from "../../../lib/os/file.ts";
import { waitLock } from "../../../lib/os/lock.ts";
import { svCommand } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { start } from "../../support/start.ts";
import { until } from "../../support/until.ts";
import { within } from "../../support/within.ts";
import { longrun } from "../definitions_folder.ts";
import { LiveServices } from "../live_services.ts";

/** Starts `slow`, which needs `base` and is ready when the file is there, and waits until it is begun. */
async function slowStart(): Promise<{
  services: LiveServices;
  go: () => Promise<void>;
  ended: Promise<Deno.CommandStatus>;
}> {
  const services = await LiveServices.start({ ...longrun("base"), ...longrun("slow", ["base"]) });
  const file = join(services.place, "go");
  await Deno.writeTextFile(
    join(services.source, "slow/run"),
    `#!/bin/sh\nuntil test -e ${file}; do sleep 0.05; done\necho >&3\nexec 3>&-\nexec sleep 1000\n`,
  );
  assertEquals((await services.rc("update")).code, 0);
  const { status } = start(services.command("start", "slow"));
  const state = join(services.live, "state");
  await until(
    async () => /^up base\nstarting slow$/m.test(await Deno.readTextFile(state)),
    "the start of slow",
  );
  return { services, go: () => Deno.writeTextFile(file, ""), ended: status };
}

Deno.test("list, listall, diff, graph answer while a start is under way", async () => {
  const { services, go, ended } = await slowStart();
  await using _services = services;
  const answers = async (verb: string, ...args: string[]) => {
    const { code, stdout, stderr } = await services.rc(verb, ...args);
    return [code, stdout, stderr];
  };
  assertEquals(await answers("list", "-a"), [0, "base\n", ""]);
  assertEquals(await answers("list", "-da"), [0, "slow\n", ""]);
  assertEquals(await answers("listall", "slow"), [0, "base\nslow\n", ""]);
  assertEquals(await answers("graph"), [0, "slow\n└── base\n", ""]);
  assertEquals(await answers("diff"), [0, "", ""]);
  // What is not under way still makes a difference.
  const told = await run([...svCommand("control"), "-d", join(services.live, "servicedirs/base")]);
  assertEquals(told.code, 0);
  await until(async () => (await services.rc("diff")).stdout === "-base\n", "the difference");
  assertEquals((await services.rc("start", "base")).code, 111);
  const blocking = services.rc("list", "-ab");
  await go();
  assertEquals((await within(ended, "the end of the start")).code, 0);
  assertEquals((await blocking).stdout, "base\nslow\n");
});

Deno.test("a command that changes something waits for one that only reads", async () => {
  await using services = await LiveServices.start(longrun("a"));
  const path = join(services.live, "lock");
  const reader = new Descriptor(open(CWD, path, Open.READ));
  waitLock(reader.fd, path, "shared");
  const child = start(services.command("start", "a"));
  let ended = false;
  const status = child.status.then((status) => (ended = true, status));
  const waits = new RegExp(`^\\d+: -> .* ${child.pid} `, "m");
  const locks = () => Deno.readTextFile("/proc/locks");
  // Where the kernel does not show this process's lock, it won't show who waits for it.
  const shown = new RegExp(` ${Deno.pid} `).test(await locks());
  await until(
    async () => ended || !shown || waits.test(await locks()),
    "the start to wait for the lock",
  );
  reader[Symbol.dispose]();
  assertEquals((await within(status, "the end of the start")).code, 0);
  assertEquals(await services.up(), ["a"]);
});
