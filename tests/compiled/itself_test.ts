/** What makes the program start itself once more, as the right command, in each form. */
import { assertEquals, assertMatch } from "@std/assert";
import { DEADLINE } from "../support/deadline.ts";
import { type Files, writeFiles } from "../support/files.ts";
import { quoted } from "../support/quoted.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { until } from "../support/until.ts";
import {
  executables,
  type Form,
  forms,
  publicDirectory,
  run,
  testForm,
  unpacked,
} from "./forms.ts";

/** Runs a check on a service that is up, and ready if it can be, under `sv supervise`. */
async function supervised(
  form: Form,
  files: Files,
  check: (service: string) => Promise<void>,
): Promise<void> {
  using directory = publicDirectory();
  const service = `${directory.path}/service`;
  await writeFiles(service, files);
  const sv = (...args: string[]) => run([...form.command, ...args]);
  const supervisor = run([...form.command, "supervise", service]);
  try {
    await until(async () => (await sv("ok", service)).code === 0, "the supervisor to be there");
    assertEquals(
      await sv("wait", files["notification-fd"] ? "-U" : "-u", "-t", `${DEADLINE}`, service),
      { code: 0, stdout: "", stderr: "" },
    );
    await check(service);
  } finally {
    await sv("control", "-xd", service);
  }
  assertEquals(await supervisor, { code: 0, stdout: "", stderr: "" });
}

testForm(
  unpacked,
  "a wait in vain fails as such when the program has been removed meanwhile",
  async () => {
    await using place = await temporaryDirectory();
    const laidOut = unpacked.command[0]!.replace(/\/sv$/, "");
    const copy = `${place.path}/sv`;
    assertEquals(await run(["cp", "-a", laidOut, copy]), { code: 0, stdout: "", stderr: "" });
    const form = { ...unpacked, command: [`${copy}/sv`] };
    await supervised(form, { "run": "#!/bin/sh\nexec sleep 1000\n" }, async (service) => {
      await Deno.mkdir(`${copy}/gone`);
      await run(["sh", "-c", `mv ${quoted([copy])}/*/explain_services.* ${quoted([copy])}/gone`]);
      const { code, stderr } = await run([...form.command, "wait", "-d", "-t", "50", service]);
      assertEquals(code, 99, stderr);
      assertMatch(stderr, /^sv wait: cannot tell why: .*\nsv wait: fatal: timed out after 50 /);
    });
  },
);

for (const form of forms) {
  testForm(form, "a daemon is polled by a process beside it", () =>
    supervised(form, {
      "run": `#!/bin/sh\nexec ${quoted(form.command)} notifyoncheck sleep 1000\n`,
      "notification-fd": "3\n",
      "data/check": "#!/bin/sh\nexit 0\n",
    }, async (service) => {
      const { stdout } = await run([...form.command, "stat", "-o", "pid,ready", service]);
      const [pid, ready] = stdout.trim().split(" ");
      assertEquals(ready, "true");
      // The companion may be faster than the daemon's start.
      const daemon = () => Deno.readTextFileSync(`/proc/${pid}/comm`) === "sleep\n";
      await until(daemon, "the daemon to be sleep");
    }));

  testForm(
    form,
    "a wait in vain tells why",
    () =>
      supervised(form, { "run": "#!/bin/sh\nexec sleep 1000\n" }, async (service) => {
        const { code, stdout, stderr } = await run([
          ...form.command,
          ...["wait", "-d", "-t", "50", service],
        ]);
        assertEquals([code, stdout], [99, ""], stderr);
        assertMatch(stderr, /^sv wait: .*\/service: up: up for .*: there is no notification-fd,/);
        assertMatch(stderr, /\nsv wait: fatal: timed out after 50 milliseconds while waiting for /);
      }),
  );

  testForm(form, "a service holds the lock that it is to hold", () =>
    supervised(form, {
      "run": "#!/bin/sh\nexec sleep 1000\n",
      "lock-fd": "4\n",
    }, async (service) => {
      const lock = `${service}/supervise/service-lock`;
      const attempt = ["setlock", "-n", lock, "true"];
      await until(
        async () => (await run([...form.command, ...attempt])).code === 1,
        "the lock to be taken",
      );
    }));

  testForm(form, "a scan is replaced by the program on disk", async () => {
    using directory = publicDirectory();
    const service = `${directory.path}/service`;
    await writeFiles(service, {
      "run": "#!/bin/sh\necho >&3\nexec sleep 1000\n",
      "notification-fd": "3\n",
    });
    const sv = (...args: string[]) => run([...form.command, ...args]);
    const child = new Deno.Command(form.command[0]!, {
      args: [...form.command.slice(1), "scan", directory.path],
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
    try {
      await until(async () => (await sv("ok", service)).code === 0, "the service to be supervised");
      assertEquals((await sv("wait", "-U", "-t", `${DEADLINE}`, service)).code, 0);
      const before = await sv("stat", "-o", "pid,updownsince", service);
      const program = () => Deno.readFileSync(`/proc/${child.pid}/auxv`).toString();
      const old = program();
      assertEquals((await sv("scanctl", "--upgrade", directory.path)).code, 0);
      await until(() => program() !== old, "another program in the same process");
      await until(
        async () => (await sv("stat", "-o", "pid,updownsince", service)).stdout === before.stdout,
        "the same service under it",
      );
      assertEquals((await sv("scanctl", "-t", directory.path)).code, 0);
    } catch (error) {
      await sv("scanctl", "-t", directory.path);
      throw error;
    }
    assertEquals((await child.status).code, 0);
  });
}

for (const form of executables) {
  testForm(form, "a name of s6 goes before a subcommand's name", async () => {
    using directory = publicDirectory();
    const start = async (name: string, ...args: string[]) => {
      const link = `${directory.path}/${name}`;
      Deno.symlinkSync(form.command[0]!, link);
      return (await run([link, ...args], { cwd: directory.path })).stderr;
    };
    // The argument is taken for a service, which does not exist.
    assertEquals((await start("s6-svstat", "wait")).slice(0, 11), "s6-svstat: ");
    assertEquals((await start("s6-svwait", "stat")).slice(0, 11), "s6-svwait: ");
    assertEquals((await start("s6-svdt", "stat")).slice(0, 9), "s6-svdt: ");
    assertEquals((await start("other", "s6-svwait", "stat")).slice(0, 11), "s6-svwait: ");
  });
}
