/** SIGUSR1, at which `deno` opens a debugger's port, in each form of the program. */
import { assert, assertEquals } from "@std/assert";
import { DEADLINE } from "../support/deadline.ts";
import { writeFiles } from "../support/files.ts";
import { until } from "../support/until.ts";
import { within } from "../support/within.ts";
import { type Form, forms, publicDirectory, run, testForm } from "./forms.ts";

/** For how long signals are sent: `deno` begins to listen after 500 ms. */
const STORM = 1500;
/** The bit of SIGUSR1 in a set of signals. */
const USR1 = 1n << 9n;
/** A line of /proc/net/tcp: 127.0.0.1:9229, listening, and the socket's number. */
const DEBUGGER = /^ *\d+: 0100007F:240D \S+ 0A (?:\S+ +){5}(\d+)/gm;

/** Reads what a process may take away meanwhile. */
function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || String(error).includes("os error 3")) return;
    throw error;
  }
}

/**
 * Whether a process can't be ended by SIGUSR1 any more. Before that it can, as any program: a shell, and a
 * runtime that has not run a line yet.
 */
function isSafe(form: Form, pid: number, control: string): boolean {
  const status = orNothing(() => Deno.readTextFileSync(`/proc/${pid}/status`)) ?? "";
  const set = (name: string) =>
    BigInt(`0x${new RegExp(`^${name}:\\s*(\\w+)`, "m").exec(status)?.[1] ?? "0"}`) & USR1;
  // It blocks signals for a moment when it starts a thread; the scan does for good.
  if (form.name === "compiled") {
    return set("SigCgt") !== 0n || orNothing(() => Deno.lstatSync(control)) !== undefined;
  }
  const program = orNothing(() => Deno.readLinkSync(`/proc/${pid}/exe`)) ?? "/bin/sh";
  // A shell blocks signals for a moment when it starts a command.
  return !/\/(sh|dash|bash|busybox)$/.test(program) && set("SigBlk") !== 0n;
}

/** Whether a process has the debugger's port open. */
function debuggerIsOpen(pid: number): boolean {
  const sockets = [...Deno.readTextFileSync("/proc/net/tcp").matchAll(DEBUGGER)]
    .map(([, inode]) => `socket:[${inode}]`);
  if (sockets.length === 0) return false;
  const descriptors = orNothing(() => [...Deno.readDirSync(`/proc/${pid}/fd`)]) ?? [];
  return descriptors.some(({ name }) => {
    const target = orNothing(() => Deno.readLinkSync(`/proc/${pid}/fd/${name}`));
    return target !== undefined && sockets.includes(target);
  });
}

/**
 * Sends SIGUSR1 to a process in a tight loop, from the first moment on at which it can't end it.
 *
 * @param control A file that a scan makes when it has blocked all signals.
 */
async function storm(form: Form, child: Deno.ChildProcess, control = "/none"): Promise<void> {
  let ended = false;
  child.status.then(() => ended = true);
  await until(() => ended || isSafe(form, child.pid, control), "SIGUSR1 to be harmless");
  const end = Date.now() + STORM;
  while (Date.now() < end) {
    for (let signal = 0; signal < 100 && !ended; signal++) Deno.kill(child.pid, "SIGUSR1");
    assert(!debuggerIsOpen(child.pid), "a debugger's port is open");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert(!ended, "it goes on");
  if (form.name !== "packed") return;
  const environment = Deno.readTextFileSync(`/proc/${child.pid}/environ`);
  assert(!environment.includes("_SV_RESTARTED"), "it was started once");
}

/** Starts a long command in a form. */
function start(form: Form, ...args: string[]): Deno.ChildProcess {
  const [program, ...before] = form.command;
  return new Deno.Command(program!, { args: [...before, ...args], stdin: "null" }).spawn();
}

/** The script of a service, and of a oneshot, that tells which signals it blocks. */
const TELL = "grep SigBlk /proc/self/status >";
const NONE = "SigBlk:\t0000000000000000\n";

for (const form of forms) {
  for (const command of ["supervise", "scan"]) {
    testForm(form, `SIGUSR1 opens no debugger's port of sv ${command}`, async () => {
      using place = publicDirectory();
      const service = `${place.path}/service`;
      await writeFiles(service, {
        "run": `#!/bin/sh\n${TELL}mask.new\nmv mask.new mask\nexec sleep 1000\n`,
      });
      const sv = (...args: string[]) => run([...form.command, ...args]);
      const child = start(form, command, command === "scan" ? place.path : service);
      try {
        await storm(form, child, `${place.path}/.s6-svscan/control`);
        const mask = () => orNothing(() => Deno.readTextFileSync(`${service}/mask`));
        assertEquals(await until(mask, "the service to run"), NONE);
        assertEquals((await sv("ok", service)).code, 0);
      } finally {
        await sv("control", "-wD", "-T", `${DEADLINE}`, "-d", service);
        Deno.kill(child.pid, "SIGTERM");
        await within(child.status, "the end");
      }
      assertEquals((await child.status).code, 0);
    });
  }

  testForm(form, "SIGUSR1 opens no debugger's port of sv rc", async () => {
    using place = publicDirectory();
    const [scan, source, live] = ["scan", "source", "live"].map((name) => `${place.path}/${name}`);
    await Deno.mkdir(scan!);
    await writeFiles(`${source}/slow`, {
      "type": "oneshot\n",
      "up":
        `sh -c "${TELL}${place.path}/mask; until test -e ${place.path}/go; do sleep 0.02; done"\n`,
    });
    const sv = async (...args: string[]) => {
      const outcome = await run([...form.command, ...args]);
      assertEquals(outcome.code, 0, outcome.stderr);
    };
    const scanning = start(form, "scan", scan!);
    try {
      await until(() => orNothing(() => Deno.statSync(`${scan}/.s6-svscan/control`)), "a scan");
      await sv("rc", "init", "-t", `${DEADLINE}`, "-l", live!, scan!, source!);
      const child = start(form, "rc", "-l", live!, "start", "slow");
      await storm(form, child);
      Deno.writeTextFileSync(`${place.path}/go`, "");
      assertEquals((await within(child.status, "the change to end")).code, 0);
      assertEquals(Deno.readTextFileSync(`${place.path}/mask`), NONE);
    } finally {
      Deno.kill(scanning.pid, "SIGTERM");
      await within(scanning.status, "the end of the scan");
    }
  });
}
