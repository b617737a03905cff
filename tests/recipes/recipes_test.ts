/**
 * Every recipe of README.md, docs and examples, taken from the page and run as it is written there. `foo`
 * is made up in the pages, and here, too.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { copy } from "@std/fs/copy";
import { fromFileUrl } from "@std/path";
import { commands } from "../../lib/commands/registry.ts";
import { sdNotifyListener } from "../../lib/readiness/sd_notify/sd_notify_listener.ts";
import { DEADLINE } from "../support/deadline.ts";
import { writeFiles } from "../support/files.ts";
import { type Missing, missingPrograms, missingRoot, testNeeding } from "../support/needs.ts";
import { svCommand } from "../support/program.ts";
import { run } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { until } from "../support/until.ts";
import { within } from "../support/within.ts";
import { testDeployment } from "./deploy.ts";
import { type Block, blocks, lastLines, mentions } from "./pages.ts";
import { type RunScriptNeeds, testRunScript } from "./run_script.ts";
import { sandbox, sandboxNeeds } from "./sandbox.ts";

const repository = fromFileUrl(new URL("../../", import.meta.url));
const all = blocks();
const used = new Set<Block>();

/** Takes the one recipe of a page that has these words. */
function recipe(page: string, words: string): string {
  const found = all.filter((block) => block.page === page && block.text.includes(words));
  assertEquals(found.length, 1, `recipes of ${page} with the words: ${words}`);
  used.add(found[0]!);
  return found[0]!.text;
}

/** Recipes that are not run here, and why. */
const NOT_RUN: readonly (readonly [page: string, words: string, reason: string])[] = [
  ["README.md", "./scripts/demo ", "the suite runs them: demo_test.ts, and what runs the suite"],
  [
    "docs/preparation.md",
    "sv completion bash",
    "commands/preparation/completion_test.ts runs them",
  ],
  ["docs/serve.md", "httpGet", "it is a part of a pod, and needs Kubernetes"],
  ["docs/scan.md", '"stream": "stdout"', "it is what a scan prints: scan/logging_test.ts"],
  [
    "examples/container/README.md",
    "docker build",
    "it needs an engine; container/examples_test.ts builds and runs the same Dockerfiles without one",
  ],
];
for (const [page, words] of NOT_RUN) recipe(page, words);

// The run scripts of docs/readiness.md.

/** Becomes ready by a line to a descriptor, in each way that the page has. */
const WRITES = "#!/bin/sh\ncase $1 in --ready-fd=*) READY_FD=${1#*=} ;; esac\n" +
  'echo "listening on port 80" >/proc/$$/fd/"${READY_FD-1}"\nexec sleep 1000\n';
const TELLS_SYSTEMD = "#!/bin/sh\nsystemd-notify --ready\nexec sleep 1000\n";
const LOGS = "#!/bin/sh\necho 12:00:00 starting\necho '12:00:01 ready to accept connections'\n" +
  "exec sleep 1000\n";
const FORKS = "#!/bin/sh\nsleep 1000 >/dev/null &\necho $! >/run/foo.pid\n";
const listens = (port: number) =>
  "#!/usr/bin/perl\nuse IO::Socket::INET;\n" +
  `my $at = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => ${port}, Listen => 9) or die;\n` +
  'while (my $with = $at->accept) { sysread $with, $_, 4096; print $with "HTTP/1.0 200 OK\\r\\n\\r\\n" }\n';

const systemdNotify = [missingPrograms("systemd-notify")];

const RUN_SCRIPTS: readonly (readonly [words: string, needs: RunScriptNeeds])[] = [
  ["dbus-daemon", { needs: [missingPrograms("dbus-daemon")] }],
  ["Xvfb", { needs: [missingPrograms("Xvfb")] }],
  ["env READY_FD", { standIns: { foo: WRITES } }],
  ['foo --ready-fd="$fd"', { standIns: { foo: WRITES } }],
  ["exec foo 1>&3", { standIns: { foo: WRITES } }],
  ["exec sv notify-fd-from-socket foo", {
    needs: systemdNotify,
    standIns: { foo: TELLS_SYSTEMD },
  }],
  ["exec sv notifyonline", { standIns: { foo: LOGS } }],
  ["redis-server", { needs: [missingPrograms("redis-server")] }],
  ["background-watch", { standIns: { foo: FORKS } }],
];
for (const [words, needs] of RUN_SCRIPTS) {
  const page = "docs/readiness.md";
  testRunScript(`${page}: ${words}`, recipe(page, words), needs);
}

testRunScript(
  "docs/run-scripts.md: exec sv envdir",
  recipe("docs/run-scripts.md", "sv envdir env"),
  {
    standIns: {
      foo:
        '#!/bin/sh\n[ "$WORD" = given ] && [ "$(ulimit -Sn)" = 10000 ] && [ "$(id -un)" = nobody ] || exit\n' +
        "echo >&3\nexec sleep 1000\n",
    },
    files: { "env/WORD": "given\n" },
  },
);

testRunScript("docs/readiness.md: data/sv/notifyoncheck", "#!/bin/sh\nexec foo\n", {
  standIns: { foo: listens(8080) },
  files: { "data/sv/notifyoncheck": recipe("docs/readiness.md", "# data/sv/notifyoncheck") },
  notificationFd: "",
  // s6 does not know the file.
  under: ["sv"],
});

/** The table at the top of docs/readiness.md; undefined: it is no whole command there. */
const LAST_LINES: Readonly<Record<string, RunScriptNeeds | undefined>> = {
  "exec foo --ready-fd=3": { standIns: { foo: WRITES } },
  "exec sv notify-fd-from-socket foo": { needs: systemdNotify, standIns: { foo: TELLS_SYSTEMD } },
  "exec sv notifyonline REGEX foo": {
    standIns: { foo: "#!/bin/sh\necho REGEX\nexec sleep 1000\n" },
  },
  "exec sv background-watch …": undefined,
  "exec sv notifyoncheck --tcp 5432 foo": { standIns: { foo: listens(5432) } },
  "exec sv notifyoncheck --file /run/foo.ready foo": {
    standIns: { foo: "#!/bin/sh\necho >/run/foo.ready\nexec sleep 1000\n" },
  },
  // pg_isready stands in: a server of PostgreSQL takes another user. daemons/ and rc/stack_test.ts run it.
  "exec sv notifyoncheck -c 'pg_isready -q' foo": {
    standIns: {
      foo: "#!/bin/sh\necho >/run/foo.ready\nexec sleep 1000\n",
      pg_isready: '#!/bin/sh\ntest "$*" = -q && test -e /run/foo.ready\n',
    },
  },
  "exec foo": undefined,
};

Deno.test("the table of docs/readiness.md has the last lines that are run here", () => {
  assertEquals(lastLines(), Object.keys(LAST_LINES));
});

for (const [line, needs] of Object.entries(LAST_LINES)) {
  if (needs === undefined) continue;
  testRunScript(`docs/readiness.md, the table: ${line}`, `#!/bin/sh\n${line}\n`, needs);
}

// Commands.

/** Registers a test in a directory in which a shell runs recipes, each until its first failure. */
function testCommands(
  name: string,
  needs: readonly Missing[],
  test: (place: string, shell: (text: string) => string[]) => Promise<void>,
): void {
  testNeeding([...sandboxNeeds, ...needs], name, async () => {
    await using place = await temporaryDirectory("sv-recipe-");
    // Some servers run as other users.
    await Deno.chmod(place.path, 0o755);
    const through = await sandbox(place.path);
    await test(place.path, (text) => [...through, "sh", "-e", "-c", text]);
  });
}

/** Starts a shell with a recipe that ends with a supervisor, and waits until that runs. */
async function supervising(shell: readonly string[], cwd: string, service: string) {
  const [program, ...args] = shell;
  const child = new Deno.Command(program!, { args, cwd, stdin: "null" }).spawn();
  await until(async () => (await run(["s6-svok", `${cwd}/${service}`])).code === 0, "a supervisor");
  return {
    ended: () => within(child.status, "the supervisor to exit"),
    [Symbol.asyncDispose]: async () => {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has exited.
      }
      await child.status;
    },
  };
}

const hello = recipe("README.md", "mkdir hello");
const lifeOfHello = recipe("README.md", "sv wait -U -t 5000 hello");
testCommands("README.md: a service, from nothing", [], async (place, shell) => {
  await using supervisor = await supervising(shell(hello), place, "hello");
  const { code, stdout, stderr } = await run(shell(lifeOfHello), { cwd: place });
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^up \(pid \d+ pgid \d+\) \d+ seconds, ready \d+ seconds\n\{.*\}\n$/);
  assertEquals((await supervisor.ended()).code, 0);
});

const failing = recipe("README.md", "exec apid --port 8080\nEND");
const findsOut = recipe("README.md", "sv status api");
testCommands("README.md: a service that fails, and why", [], async (place, shell) => {
  await using scan = await supervising(shell(failing), place, "services/api");
  const env = { SVDIR: `${place}/services` };
  const sv = svCommand("").slice(0, -1);
  await until(async () => {
    const { stdout } = await run([...sv, "status", "--json", "api"], { env });
    return stdout.includes('"state":"crashing"');
  }, "the service to crash again and again");
  const { code, stdout, stderr } = await run(shell(findsOut), { cwd: place });
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^NAME +STATE .*\napi +crashing /);
  assertMatch(
    stdout,
    /\n {4}crashing: .*died \d+ times, each time with exit code 127 \(run starts a program that was not found\), last .* ago\n/,
  );
  assertMatch(stdout, /\nok: run: api: \(pid \d+\) \d+s.*\n$/);
  assertEquals((await scan.ended()).code, 0);
});

const web = recipe("README.md", "mkdir web");
testCommands("README.md: nginx", [missingPrograms("nginx")], async (place, shell) => {
  await using supervisor = await supervising(shell(web), place, "web");
  const sv = svCommand("").slice(0, -1);
  assertEquals((await run([...sv, "wait", "-U", "-t", `${DEADLINE}`, `${place}/web`])).code, 0);
  assertEquals((await run([...sv, "death-tally", `${place}/web`])).stdout, "");
  assertEquals((await run([...sv, "control", "-dx", `${place}/web`])).code, 0);
  assertEquals((await supervisor.ended()).code, 0);
});

const program = recipe("README.md", 'from "jsr:@sv/supervise"');
const permissions = /It needs `(--allow[^`]*)`/.exec(
  Deno.readTextFileSync(`${repository}README.md`),
);
testCommands("README.md: the library", [], async (place, shell) => {
  await run(shell(hello.slice(0, hello.indexOf("sv supervise"))), { cwd: place });
  await writeFiles(place, {
    "program.ts": program,
    "map.json": JSON.stringify({ imports: { "jsr:@sv/supervise": `${repository}mod.ts` } }),
  });
  const { code, stdout, stderr } = await run(
    [
      ...[Deno.execPath(), "run", "--quiet", "--no-lock", "--no-config", "--import-map=map.json"],
      ...permissions![1]!.split(" "),
      "program.ts",
    ],
    { cwd: place },
  );
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /ready: true/);
});

const rc = recipe("docs/rc.md", "sv rc init");
testCommands("docs/rc.md: the commands", [], async (place, shell) => {
  const longrun = { type: "longrun\n", run: "#!/bin/sh\necho >&3\nexec sleep 1000\n" };
  for (const name of ["web", "database", "other"]) {
    await writeFiles(`${place}/etc/s6-rc/source/${name}`, { ...longrun, "notification-fd": "3\n" });
  }
  await writeFiles(`${place}/etc/s6-rc/source/web`, { "dependencies.d/database": "" });
  const { code, stdout, stderr } = await run(
    shell(
      `mkdir /run/scan; sv scan /run/scan & until sv scanctl -z /run/scan 2>/dev/null; do :; done
${rc}sv scanctl -t /run/scan; wait`,
    ),
    { cwd: place },
  );
  const [list, states] = stdout.split(/^NAME.*\n/m);
  assertEquals([code, list], [0, "database\nweb\n"], stderr);
  assertEquals(
    states!.trim().split("\n").map((line) => line.split(/ +/).slice(0, 3).join(" ")),
    ["database longrun ready", "web longrun ready", "other longrun down"],
  );
});

/** Definitions for the recipes of docs/migrating.md, in what is /etc there. */
const migrating = {
  "default/type": "bundle\n",
  "default/contents.d/web": "",
  "web/type": "longrun\n",
  "web/run": "#!/bin/sh\necho >&3\nexec 3>&-\nexec sleep 1000\n",
  "web/notification-fd": "3\n",
};
/** Only an executable can be called by the names of others. */
const executable = svCommand("").length === 2 ? undefined : "sv is not built";

for (
  const [words, live] of [["sv rc init", "/run/sv-rc"], ["s6-rc-init -c", "/run/s6-rc"]] as const
) {
  const text = recipe("docs/migrating.md", words);
  testCommands(`docs/migrating.md: ${words}`, [executable], async (place, shell) => {
    await writeFiles(`${place}/etc/s6-rc/source`, migrating);
    // Links to it have other names.
    await Deno.remove(`${place}/bin/sv`);
    await Deno.symlink(svCommand("")[0]!, `${place}/bin/sv`);
    const { code, stdout, stderr } = await run(
      shell(
        `mkdir /run/service; sv scan /run/service & until sv scanctl -z /run/service 2>/dev/null; do :; done
${text}sv rc list -a; sv rc update; readlink ${live} >&2; sv scanctl -t /run/service; wait`,
      ),
      { cwd: place },
    );
    assertEquals([code, stdout], [0, "web\n"], stderr);
    assertMatch(stderr, /^s[6v]-rc:sv-rc-/m);
  });
}

const image = recipe("docs/migrating.md", "rootfs/command");
testCommands("docs/migrating.md: s6-overlay", [executable], async (place, shell) => {
  await Deno.remove(`${place}/bin/sv`);
  await Deno.symlink(svCommand("")[0]!, `${place}/bin/sv`);
  await Deno.mkdir(`${place}/rootfs/command`, { recursive: true });
  const { code, stderr } = await run(shell(image), { cwd: place });
  assertEquals([code, stderr], [0, ""]);
  const links = [...Deno.readDirSync(`${place}/rootfs/command`)].filter(({ isSymlink }) =>
    isSymlink
  )
    .map(({ name }) => name).sort();
  const counterparts = commands.flatMap(({ counterpart = "" }) => counterpart)
    .filter((name) => /^s6-\S+$/.test(name)).sort();
  assertEquals(links, counterparts);
  const help = await run(shell("rootfs/command/s6-rc-compile --help"), { cwd: place });
  assertMatch(help.stdout, /^usage: s6-rc-compile /);
});

/** Runs recipes beside a scan of /run/service. */
const besideScan = (text: string) =>
  `mkdir /run/service; sv scan /run/service & until sv scanctl -z /run/service 2>/dev/null; do :; done
${text}sv scanctl -t /run/service; wait`;

const instances = ["mkdir /run/service/web@\n", "sv instance list web   ", "timeout-kill"]
  .map((words) => recipe("docs/instances.md", words));
testCommands("docs/instances.md: a template and its instances", [], async (place, shell) => {
  const [made, used, own] = instances;
  const { code, stdout, stderr } = await run(
    shell(besideScan(
      `${made}cat /run/service/web@*/port\n${used}ls /run/service\n${own}` +
        "cat /run/service/web@8081/timeout-kill\n",
    )),
    { cwd: place },
  );
  assertEquals(code, 0, stderr);
  assertMatch(stdout, /^8081\n8082\nweb@8081\nweb@8082\n[^]*\nok: run: web@8081/);
  assertMatch(stdout, /\nfalse false\nweb@\n10000\n$/);
});

const instancesOfRc = recipe("docs/instances.md", "sv rc init");
testCommands("docs/instances.md: sv rc", [], async (place, shell) => {
  const { code, stdout, stderr } = await run(
    shell(besideScan(`${instancesOfRc}ls /run/web; sv rc list -a\n`)),
    { cwd: place },
  );
  assertEquals(code, 0, stderr);
  assertMatch(stdout, /^8081\n8082\n/m);
  for (const port of [8081, 8082]) {
    for (const name of ["web", "prepare"]) {
      assertMatch(stdout, new RegExp(`^${name}@${port}$`, "m"));
    }
  }
});

const nested = recipe("docs/instances.md", "sv instance maker");
testCommands("docs/instances.md: s6's layout", [], async (place, shell) => {
  const { code, stdout, stderr } = await run(shell(besideScan(nested)), {
    cwd: place,
  });
  assertEquals(code, 0, stderr);
  assertMatch(stdout, /^one$/m);
});

const stack = recipe("examples/stack/README.md", "sv rc start stack");
const servers = ["psql", "pg_isready", "redis-server", "nginx", "python3", "setpriv", "curl"];
testCommands(
  "examples/stack/README.md: the commands",
  [missingPrograms(...servers), missingRoot("to run postgresql as its own user")],
  async (place, shell) => {
    await copy(`${repository}examples`, `${place}/examples`);
    // A reader types more slowly than a shell reads: the scan runs when the next command is given.
    const typed = stack.replace(/^sv scan .*&$/m, "$&\nuntil sv scanctl -z /run/scan; do :; done");
    assert(typed !== stack);
    const { code, stdout, stderr } = await run(shell(`${typed}wait`), {
      deadline: 2 * DEADLINE,
      cwd: place,
    });
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /^visits: 1, rows: 1$/m);
    assert((await Deno.stat(`${place}/stack.svg`)).size > 1000);
  },
);

const graph = recipe("examples/stack/README.md", "└── app");
testCommands("examples/stack/README.md: the graph", [], async (place, shell) => {
  await copy(`${repository}examples`, `${place}/examples`);
  const shown = await run(shell("sv rc graph -c examples/stack/source"), { cwd: place });
  assertEquals([shown.code, shown.stdout], [0, graph]);
});

const made = recipe("docs/preparation.md", "sv new web");
testCommands("docs/preparation.md: a service that sv new makes", [], async (place, shell) => {
  await writeFiles(place, { "bin/web": listens(8080) }, 0o755);
  await using supervisor = await supervising(
    shell(`${made}exec sv supervise web`),
    place,
    "web",
  );
  const sv = svCommand("").slice(0, -1);
  assertEquals((await run([...sv, "wait", "-U", "-t", `${DEADLINE}`, `${place}/web`])).code, 0);
  assertEquals((await run([...sv, "control", "-dx", `${place}/web`])).code, 0);
  assertEquals((await supervisor.ended()).code, 0);
});

const manual = recipe("docs/preparation.md", "sv help --man");
testCommands("docs/preparation.md: manual pages", [], async (place, shell) => {
  const { code, stdout } = await run(
    shell(`${manual}head -qn 1 /usr/local/share/man/man1/*`),
    { cwd: place },
  );
  assertEquals(code, 0);
  assertEquals(stdout.match(/^\.TH /gm)?.length, 2, stdout);
});

const unit = recipe("docs/readiness.md", "[Service]");
testCommands("docs/readiness.md: under systemd", [], async (place, shell) => {
  await writeFiles(place, { "bin/foo": WRITES });
  using listener = sdNotifyListener({ address: `${place}/notify` });
  const line = /^ExecStart=(.*)$/m.exec(unit)![1]!;
  const [command, ...args] = shell(`NOTIFY_SOCKET="$PWD/notify" exec ${line}`);
  const child = new Deno.Command(command!, { args, stdin: "null" }).spawn();
  try {
    const { value } = await within(listener.next(), "READY=1");
    assertEquals(value.fields.get("READY"), "1");
    assertEquals(value.fields.get("MAINPID"), String(child.pid));
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
});

const logger = recipe("docs/logs.md", "mkdir -p foo/log");
testCommands("docs/logs.md: a logger for a service", [], async (place, shell) => {
  const feed =
    "echo one | foo/log/run 3>ready; test -s ready; cut -d ' ' -f 2 /var/log/foo/current";
  const { code, stdout, stderr } = await run(shell(logger + feed), { cwd: place });
  assertEquals([code, stdout, stderr], [0, "one\n", ""]);
});

const errors = recipe("docs/logs.md", "exec sv log - +error");
testCommands("docs/logs.md: what a logger does with lines", [], async (place, shell) => {
  await writeFiles(place, { logger: errors }, 0o755);
  const text = "printf 'STAT 5\\nan error\\nother\\n' | ./logger; " +
    "grep -c . /var/log/foo/current; head -n 1 /run/foo.status";
  const { code, stdout, stderr } = await run(shell(text), { cwd: place });
  assertEquals([code, stdout, stderr], [0, "3\nSTAT 5\n", "sv log: alert: an error\n"]);
});

const ordered = recipe("docs/scan.md", ">web/data/sv/log");
testCommands("docs/scan.md: a service without a logger", [], async (place, shell) => {
  await writeFiles(place, { "scan/web/run": "#!/bin/sh\necho one\nexec sleep 1000\n" }, 0o755);
  const text = `cd scan; ${ordered}sv scan . & ` +
    "until grep -qs one /var/log/web/current; do sleep 0.1; done; " +
    "cut -d ' ' -f 2 /var/log/web/current; sv scanctl -t .; wait";
  const { code, stdout, stderr } = await run(shell(text), { cwd: place });
  assertEquals([code, stdout, stderr], [0, "one\n", ""]);
});

const command = recipe("docs/scan.md", "sv scan --ready-timeout");
testCommands("docs/scan.md: a command when all are ready", [], async (place, shell) => {
  const service = { run: "#!/bin/sh\necho >&3\nexec sleep 1000\n", "notification-fd": "3\n" };
  await writeFiles(`${place}/services/web`, service, 0o755);
  const { code, stdout, stderr } = await run(shell(command), { cwd: place });
  assertEquals([code, stdout, stderr], [3, "all are ready\n", ""]);
});

const reading = recipe("docs/logs.md", "sv logs -n 20");
const following = recipe("docs/logs.md", "sv logs -f web");
testCommands("docs/logs.md: reading logs", [], async (place, shell) => {
  const prepared = "mkdir -p /run/service/web/log\n" +
    "printf '#!/bin/sh\\nexec sv log t /var/log/web\\n' >/run/service/web/log/run\n" +
    "echo one | sv log t /var/log/web\necho two | sv log t /var/log/foo\n";
  const { code, stdout, stderr } = await run(
    shell(`${prepared}${reading}{ ${following}} | head -n 1\n`),
    { cwd: place },
  );
  assertEquals([code, stderr], [0, ""]);
  const lines = stdout.split("\n").slice(0, -1);
  // Before six o'clock, the line is one of last night, too.
  const night = lines.length === 5 ? ["one"] : [];
  assertEquals(
    lines.map((line) => line.replace(/^[-0-9]{10} [0-9:.]{12} /, "")),
    ["web | one", "one", ...night, "two", "web | one"],
  );
});

testDeployment({ recipe, testCommands });

const served = recipe("docs/serve.md", "exec sv serve -d 3");
const asked = recipe("docs/serve.md", "curl --unix-socket");
testCommands("docs/serve.md: the commands", [missingPrograms("curl")], async (place, shell) => {
  const prepared = "mkdir /run/service/web\n" +
    "printf '#!/bin/sh\\nexec sleep 1000\\n' >/run/service/web/run\nchmod +x /run/service/web/run\n";
  const { code, stdout, stderr } = await run(
    shell(besideScan(
      `${prepared}${served}sv wait -U -t ${DEADLINE} /run/service/serve\n` +
        `sv wait -u -t ${DEADLINE} /run/service/web\n${asked}`,
    )),
    { cwd: place },
  );
  assertEquals(code, 0, stderr);
  assertMatch(
    stdout,
    /^ok\n\{.*"verb":"restart","done":true,.*\}\n# TYPE sv_build info\n[^]*\n# EOF\n$/,
  );
});

// All of them.

/** Mentions of another `sv`, of several commands, and of what is not for users. */
const NO_COMMANDS = ["check", "event", "instance", "scan --trial …"];

Deno.test("every recipe is run here, or listed with the reason why it is not", () => {
  // Without a language it is an output.
  assertEquals(all.filter((block) => !used.has(block) && block.language !== ""), []);
  assert(all.length > 15, `only ${all.length} recipes were found`);
});

Deno.test("each mention of a command names one that there is, and options that its help has", async () => {
  const sv = svCommand("").slice(0, -1);
  const wrong: string[] = [];
  const helps = new Map<string, string>();
  for (const { page, words } of mentions()) {
    const [first, second] = words as [string, string?];
    // Versions, names of s6's programs, placeholders.
    if (/^[0-9…-]|^s6-|^[A-Z]/.test(first) || NO_COMMANDS.includes(words.join(" "))) continue;
    if (first === "help") continue;
    const name = ["rc", "event", "instance"].includes(first) && /^[a-z]/.test(second ?? "")
      ? `${first} ${second}`
      : first;
    let help = helps.get(name);
    if (help === undefined) {
      const { code, stdout } = await run([
        ...sv,
        "help",
        ...name.split(" ").filter((word) => word !== ""),
      ]);
      help = code === 0 ? stdout : "";
      helps.set(name, help);
    }
    const unknown = words.filter((word) => /^--[a-z-]+/.test(word))
      .filter((word) => !help.includes(/^--[a-z-]+/.exec(word)![0]));
    if (help === "" || unknown.length > 0) wrong.push(`${page}: sv ${words.join(" ")}`);
  }
  assertEquals(wrong, []);
});
