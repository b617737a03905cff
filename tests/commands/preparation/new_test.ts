import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { walkSync } from "@std/fs/walk";
import { DEADLINE } from "../../support/deadline.ts";
import { svCommand } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { Supervisor, supervisors } from "../../support/supervisor.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

/** Runs a command in a directory. */
const inside = (cwd: string, command: string, ...args: readonly string[]) =>
  run([...svCommand(command), ...args], { cwd });

/** Returns the text of a file in a directory. */
const read = (...path: readonly string[]) => Deno.readTextFileSync(path.join("/"));

for (
  const [options, wanted] of [
    ["", "exec nginx -g 'daemon off;'"],
    ["--newline", "exec nginx -g 'daemon off;'"],
    ["--newline --fd 5", "exec nginx -g 'daemon off;'"],
    ["--notify", "exec sv notify-fd-from-socket \\"],
    ["--tcp 80", "exec sv notifyoncheck -n 0 --tcp 80 \\"],
    ["--tcp 80 -n 9 -w 50", "exec sv notifyoncheck --tcp 80 -n 9 -w 50 \\"],
    ["--http http://127.0.0.1/ --expect 204", "--http http://127.0.0.1/ --expect 204 \\"],
    ["--unix /run/web.sock --file /run/x", "--unix /run/web.sock --file /run/x \\"],
    ["--tcp 80 --any-owner", "exec sv notifyoncheck -n 0 --tcp 80 --any-owner \\"],
    ["--pid-file /run/web.pid", "--pid-file /run/web.pid \\"],
    ["-c true", "exec sv notifyoncheck -n 0 -c true \\"],
    ["--log-line ready.*", "exec sv notifyonline -- 'ready.*' \\"],
    ["--background /run/web.pid", "exec sv background-watch -d 3 /run/web.pid \\"],
    ["--tcp 80 --polled", "exec nginx -g 'daemon off;'"],
    ["--no-logger", "exec nginx -g 'daemon off;'"],
  ] as const
) {
  for (const definition of [false, true]) {
    const words = [...options.split(" "), ...definition ? ["--rc"] : []].filter(Boolean);
    Deno.test(`sv new web ${words.join(" ")}: sv lint finds nothing in it`, async () => {
      await using directory = await temporaryDirectory();
      // --newline is for daemons that write one, and nginx does not.
      const program = options.startsWith("--newline") ? "web" : "nginx";
      const command = [program, "-g", "daemon off;"];
      const logs = options === "--no-logger" ? [] : ["--logs", `${directory.path}/logs/web`];
      const made = await inside(directory.path, "new", "web", ...words, ...logs, "--", ...command);
      assertEquals([made.code, made.stderr], [0, ""]);
      assertStringIncludes(read(directory.path, "web/run"), wanted.replace("nginx", program));
      for (const { name } of Deno.readDirSync(directory.path)) {
        const { code, stdout } = await inside(directory.path, "lint", name);
        assertEquals([code, stdout], [0, ""]);
      }
      if (!definition) return;
      const { code, stderr } = await inside(directory.path, "rc", "check", ".");
      assertEquals(code, 0, stderr);
      assertMatch(stderr, /: 0 errors, 0 warnings\n$/);
    });
  }
}

Deno.test("sv new writes the files that belong to its options", async () => {
  await using directory = await temporaryDirectory();
  await inside(directory.path, "new", "--rc", "--depends=net", "--newline", "web", "web");
  await inside(directory.path, "new", "a", "--polled", "--tcp", "80", "--no-logger", "--", "web");
  await inside(directory.path, "new", "--fd", "7", "b", "--newline", "--no-logger", "web");
  const files = [...walkSync(directory.path, { includeDirs: false })]
    .map(({ path }) => path.slice(directory.path.length + 1)).sort();
  assertEquals(files, [
    "a/data/sv/notifyoncheck",
    "a/run",
    "b/notification-fd",
    "b/run",
    "web-log/consumer-for",
    "web-log/run",
    "web-log/type",
    "web/dependencies.d/net",
    "web/notification-fd",
    "web/producer-for",
    "web/run",
    "web/type",
  ]);
  assertEquals(read(directory.path, "b/notification-fd"), "7\n");
  assertMatch(read(directory.path, "a/data/sv/notifyoncheck"), /^#.*\n-n 0 --tcp 80\n$/);
});

Deno.test("the words of a command come through a run script, and through a oneshot's up", async () => {
  await using directory = await temporaryDirectory();
  const command = ["printf", "[%s]\n", "it's", '"b" c', "$HOME", "\\", "", "a\tb"];
  const wanted = `[it's]\n["b" c]\n[$HOME]\n[\\]\n[]\n[a\tb]\n`;
  await inside(directory.path, "new", "web", "--no-logger", "--", ...command);
  assertEquals((await run([`${directory.path}/web/run`])).stdout, wanted);

  const made = await inside(directory.path, "new", "once", "--oneshot", "--", ...command);
  assertEquals([made.code, made.stderr], [0, ""]);
  const check = await inside(directory.path, "lint", "once");
  assertEquals(check.stdout, "");
  const { splitCommandLine } = await import("../../../lib/rc/definitions/script.ts");
  assertEquals(splitCommandLine(read(directory.path, "once/up"), "up"), command);
});

Deno.test("a new service is supervised, and becomes ready", async () => {
  await using directory = await temporaryDirectory();
  const command = ["sh", "-c", "echo >&3; exec sleep 1000"];
  await inside(directory.path, "new", "web", "--newline", "--no-logger", "--", ...command);
  await using _ = await Supervisor.start(supervisors.sv, `${directory.path}/web`);
  const { code, stderr } = await inside(directory.path, "wait", "-U", "-t", `${DEADLINE}`, "web");
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("what exists is never overwritten, and nothing is left beside it", async () => {
  await using directory = await temporaryDirectory();
  const path = (name: string) => `${directory.path}/${name}`;
  await Deno.mkdir(path("folder"));
  await Deno.writeTextFile(path("file"), "mine\n");
  await Deno.symlink("nowhere", path("link"));
  await Deno.mkdir(path("web-log"));
  const names = () => [...Deno.readDirSync(directory.path)].map(({ name }) => name).sort();
  const before = names();
  for (const name of ["folder", "file", "link"]) {
    const { code, stderr } = await inside(directory.path, "new", name, "web");
    assertEquals(code, 1);
    assertEquals(
      stderr,
      `sv new: fatal: ${name} exists already, and is left as it is; give another name\n`,
    );
  }
  const { code, stderr } = await inside(directory.path, "new", "--rc", "web", "web");
  assertEquals(code, 1);
  assertStringIncludes(stderr, "web-log exists already");
  assertEquals(names(), before);
  assertEquals(read(path("file")), "mine\n");
});

Deno.test("what sv lint finds in a new service is a warning", async () => {
  await using directory = await temporaryDirectory();
  const { code, stderr } = await inside(directory.path, "new", "web", "--no-logger", "sshd");
  assertEquals(code, 0);
  assertMatch(stderr, /^sv new: warning: \.\/web\/run:\d+: sshd goes into the background .*\n$/);
});

for (
  const [args, message] of [
    ["", "no name given"],
    ["web", "no command given"],
    ["web --", "no command given"],
    ["web --tpc 80 x", "unknown option --tpc"],
    ["web --tcp", "option --tcp needs an argument"],
    ["web --tcp nonsense x", "nonsense"],
    ["web --tcp 80 --notify x", "--notify and --tcp exclude each other"],
    ["web --newline --log-line a x", "--newline and --log-line exclude each other"],
    ["web --polled x", "--polled needs a check"],
    ["web -n 3 x", "need a check"],
    ["web --expect 200 x", "need a check"],
    ["web --fd 1 x", "option --fd takes the number of a descriptor from 3 to"],
    ["web --depends a x", "--depends needs --rc"],
    ["web --rc --depends a/b x", "--depends takes the name of a service"],
    ["web --oneshot --tcp 80 x", "leave the other option out"],
    [".web x", "can't be the name of a service"],
    ["/ x", "can't be the name of a service"],
    ["web ./server", "give the whole path"],
  ] as const
) {
  Deno.test(`sv new ${args}: exit code 100, and nothing is made`, async () => {
    await using directory = await temporaryDirectory();
    const { code, stderr } = await inside(
      directory.path,
      "new",
      ...args.split(" ").filter(Boolean),
    );
    assertEquals(code, 100, stderr);
    assertStringIncludes(stderr, message);
    assertEquals([...Deno.readDirSync(directory.path)], []);
  });
}
