/** The first start of the packed executable: where it unpacks, and what can go wrong there. */
import { assertEquals, assertMatch } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { until } from "../support/until.ts";
import { seeded } from "../support/random.ts";
import { within } from "../support/within.ts";
import { type Outcome, packed, publicDirectory, run, testForm } from "./forms.ts";

/** A user as which no other test starts `sv`: what that has unpacked into /tmp would be used. */
const ordinary = 65532;
const user = Deno.uid() === 0 ? ordinary : Deno.uid()!;

/** Returns a command line that runs a command as an ordinary user. */
function asUser(command: readonly string[]): string[] {
  if (Deno.uid() !== 0) return [...command];
  return ["setpriv", `--reuid=${ordinary}`, `--regid=${ordinary}`, "--clear-groups", ...command];
}

/** Makes a home for the user, and a copy of the executable: the user can't read the repository. */
function place(): Disposable & { readonly path: string; readonly sv: string } {
  const directory = publicDirectory();
  const sv = `${directory.path}/sv`;
  Deno.copyFileSync(packed.command[0]!, sv);
  Deno.chmodSync(sv, 0o755);
  const path = `${directory.path}/home`;
  Deno.mkdirSync(path);
  if (Deno.uid() === 0) Deno.chownSync(path, ordinary, ordinary);
  return { path, sv, [Symbol.dispose]: () => directory[Symbol.dispose]() };
}

function start(sv: string, env: Record<string, string>): Promise<Outcome> {
  return run(asUser([sv, "--version"]), { env: { PATH: "/usr/bin:/bin", ...env } });
}

/** Lists a directory. */
function names(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map((entry) => entry.name).sort();
}

testForm(packed, "unpacked into the cache directory, private, without leftovers", async () => {
  using at = place();
  const { code, stderr } = await start(at.sv, { HOME: at.path });
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  const unpacked = `${at.path}/.cache/sv-runtime-${user}`;
  const status = Deno.statSync(unpacked);
  assertEquals(status.mode! & 0o7777, 0o700);
  assertEquals(status.uid, user);
  for (const name of names(unpacked)) assertMatch(name, /^[0-9a-f]{20}$/);
});

testForm(packed, "several first starts at once all succeed and leave one copy", async () => {
  using at = place();
  const starts = await Promise.all(
    Array.from({ length: 6 }, () => start(at.sv, { HOME: at.path })),
  );
  for (const { code, stdout, stderr } of starts) {
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    assertMatch(stdout, /^sv /);
  }
  assertEquals(names(`${at.path}/.cache/sv-runtime-${user}`).length, 2);
});

testForm(packed, "without a home it unpacks into the directory for temporary files", async () => {
  using at = place();
  const temporary = `${at.path}/tmp`;
  Deno.mkdirSync(temporary);
  Deno.chmodSync(temporary, 0o1777);
  for (const HOME of ["/proc", "/nonexistent"]) {
    const { code, stderr } = await start(at.sv, { HOME, TMPDIR: temporary });
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
  }
  assertEquals((await start(at.sv, { TMPDIR: temporary })).code, 0);
  assertEquals(names(temporary), [`sv-runtime-${user}`]);
});

testForm(packed, "a directory that others may write to is not used", async () => {
  using at = place();
  const [open, temporary] = [`${at.path}/open`, `${at.path}/tmp`];
  Deno.mkdirSync(open);
  Deno.mkdirSync(temporary);
  Deno.chmodSync(temporary, 0o1777);
  if (Deno.uid() === 0) Deno.chownSync(open, ordinary, ordinary);
  Deno.mkdirSync(`${open}/sv-runtime-${user}`);
  Deno.chmodSync(`${open}/sv-runtime-${user}`, 0o777);
  if (Deno.uid() === 0) Deno.chownSync(`${open}/sv-runtime-${user}`, ordinary, ordinary);
  const { code } = await start(at.sv, { XDG_CACHE_HOME: open, TMPDIR: temporary });
  assertEquals(code, 0);
  assertEquals(names(`${open}/sv-runtime-${user}`), []);
  assertEquals(names(temporary), [`sv-runtime-${user}`]);
});

/** Runs a command as another user than {@linkcode asUser}'s, where the test can. */
function asStranger(script: string): Promise<Outcome> {
  return run(["setpriv", "--reuid=65533", "--regid=65533", "--clear-groups", "sh", "-c", script]);
}

const needsRoot = Deno.uid() === 0 ? undefined : "needs root, to be two other users";

testForm(
  needsRoot === undefined ? packed : { ...packed, missing: needsRoot },
  "what another user puts in the place of the directory denies no start and is not used",
  async () => {
    using at = place();
    const temporary = `${at.path}/tmp`;
    Deno.mkdirSync(temporary);
    Deno.chmodSync(temporary, 0o1777);
    const name = `${temporary}/sv-runtime-${user}`;
    const trap = `${at.path}/trap`;
    Deno.mkdirSync(trap, { mode: 0o700 });
    Deno.chownSync(trap, ordinary, ordinary);
    for (const planted of [`mkdir ${name}`, `ln -s ${trap} ${name}`, `: >${name}`]) {
      assertEquals((await asStranger(planted)).code, 0, planted);
      for (let start_ = 0; start_ < 2; start_++) {
        const { code, stderr } = await start(at.sv, { HOME: "/proc", TMPDIR: temporary });
        assertEquals({ code, stderr }, { code: 0, stderr: "" }, planted);
      }
      assertEquals(names(trap), []);
      const [, fresh, ...more] = names(temporary);
      assertMatch(fresh!, new RegExp(`^sv-runtime-${user}\\.\\w{6}$`), planted);
      assertEquals(more, [], "the second start used what the first had unpacked");
      await asStranger(`rm -rf ${name}`);
      Deno.removeSync(`${temporary}/${fresh}`, { recursive: true });
    }
  },
);

testForm(
  needsRoot === undefined ? packed : { ...packed, missing: needsRoot },
  "a sticky directory of another user is not used, for root not even below one of his",
  async () => {
    using at = place();
    const runtime = /_sv_runtime=(\w+) _sv_program=(\w+)/.exec(
      new TextDecoder().decode(Deno.readFileSync(packed.command[0]!).subarray(0, 4096)),
    )!;
    const his = `${at.path}/his`;
    // Copies of what is unpacked, by the user who starts, in a place where the stranger may rename it.
    assertEquals((await start(at.sv, { HOME: at.path })).code, 0);
    Deno.mkdirSync(his);
    Deno.chmodSync(his, 0o1777);
    assertEquals((await run(["mv", `${at.path}/.cache/sv-runtime-${user}`, his])).code, 0);
    const planted = `${his}/sv-runtime-${user}/${runtime[1]}/sv`;
    Deno.writeTextFileSync(planted, "#!/bin/sh\necho HIS\n");
    Deno.chmodSync(planted, 0o755);
    const long = new Date(Date.now() - 1000_000);
    Deno.utimeSync(planted, long, long);
    assertEquals((await start(at.sv, { XDG_CACHE_HOME: his, TMPDIR: at.path })).stdout, "HIS\n");
    Deno.chownSync(his, 65533, 65533);
    const env = { XDG_CACHE_HOME: his, HOME: at.path, TMPDIR: at.path };
    assertMatch((await start(at.sv, env)).stdout, /^sv /);
    // Root's own directory, below a directory of the stranger's.
    await run(["chown", "-R", "0:0", `${his}/sv-runtime-${user}`]);
    const below = `${his}/cache`;
    Deno.mkdirSync(below);
    assertEquals((await run(["mv", `${his}/sv-runtime-${user}`, `${below}/sv-runtime-0`])).code, 0);
    const { stdout } = await run([at.sv, "--version"], {
      env: { PATH: "/usr/bin:/bin", XDG_CACHE_HOME: below, TMPDIR: "/tmp" },
    });
    assertMatch(stdout, /^sv /);
  },
);

testForm(packed, "what is empty, cut off or changed is unpacked again", async () => {
  using at = place();
  assertEquals((await start(at.sv, { HOME: at.path })).code, 0);
  const unpacked = `${at.path}/.cache/sv-runtime-${user}`;
  const file = (name: string) => {
    for (const directory of names(unpacked)) {
      const path = `${unpacked}/${directory}/${name}`;
      try {
        return { path, size: Deno.statSync(path).size };
      } catch {
        // In the other directory.
      }
    }
    throw new Error(`${name} has not been unpacked`);
  };
  for (const name of ["sv.mjs", "sv.code", "supervise.mjs", "supervise.code", "sv"]) {
    for (const length of [0, 1000]) {
      const { path, size } = file(name);
      Deno.truncateSync(path, length);
      const args = name.startsWith("supervise") ? ["supervise", "/none"] : ["--version"];
      const { code, stderr } = await run(asUser([at.sv, ...args]), {
        env: { PATH: "/usr/bin:/bin", HOME: at.path },
      });
      assertEquals(
        code,
        name.startsWith("supervise") ? 111 : 0,
        `${name} of ${length} bytes: ${stderr}`,
      );
      assertEquals(file(name).size, size, `${name} of ${length} bytes`);
    }
  }
  for (const name of names(unpacked)) assertMatch(name, /^[0-9a-f]{20}$/);
});

testForm(
  packed,
  "a limit on files is one line on stderr, exit code 111, and nothing left",
  async () => {
    using at = place();
    const limited = asUser(["/bin/sh", "-c", 'ulimit -f 2000; exec "$0" --version', at.sv]);
    const { code, stdout, stderr } = await run(limited, {
      env: { PATH: "/usr/bin:/bin", HOME: at.path, TMPDIR: at.path },
    });
    assertEquals({ code, stdout }, { code: 111, stdout: "" });
    const [, reasons] =
      /^sv: fatal: cannot start: no directory to unpack the runtime into: (.*); set XDG_CACHE_HOME to a directory .*\n$/
        .exec(stderr) ?? [];
    const here = `unpacking \\d+ MB into ${at.path}/(.cache/)?sv-runtime-${user} failed: `;
    assertMatch(
      reasons ?? stderr,
      new RegExp(`^${here}a file may not be so large \\(ulimit -f\\); `),
    );
    assertEquals(names(`${at.path}/.cache`), []);
  },
);

testForm(packed, "what was not read for a month is removed, what is younger stays", async () => {
  using at = place();
  const unpacked = `${at.path}/.cache/sv-runtime-${user}`;
  const longAgo = Date.now() / 1000 - 40 * 86400;
  const others: readonly (readonly [string, number])[] = [
    ["00000000000000000001", longAgo],
    ["00000000000000000002", Date.now() / 1000],
  ];
  for (const [name, read] of others) {
    Deno.mkdirSync(`${unpacked}/${name}`, { recursive: true });
    Deno.writeTextFileSync(`${unpacked}/${name}/sv.mjs`, "");
    Deno.utimeSync(`${unpacked}/${name}/sv.mjs`, read, longAgo);
  }
  if (Deno.uid() === 0) await run(["chown", "-R", `${ordinary}:${ordinary}`, `${at.path}/.cache`]);
  Deno.chmodSync(unpacked, 0o700);
  const { code, stderr } = await start(at.sv, { HOME: at.path });
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  const left = names(unpacked);
  assertEquals(left.filter((name) => name.startsWith("0000")), ["00000000000000000002"]);
});

/** Hides the other directories in which the executable may have been unpacked, and becomes it. */
const HIDDEN = 'mount -t tmpfs none /var/cache && mount -t tmpfs none /run && exec "$0" "$@"';

/** The same where nothing is mounted on /proc. */
const HIDDEN_WITHOUT_PROC = `umount -l /proc && ${HIDDEN}`;

/** Starts a scan as process 1 of a namespace, and returns it as the machine sees it. */
async function firstProcess(sv: string, home: string, scan: string, setup = HIDDEN) {
  const unshare = new Deno.Command("/usr/bin/env", {
    args: [
      "-i",
      "PATH=/usr/bin:/bin",
      `HOME=${home}`,
      ...["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", setup],
      ...[sv, "scan", scan],
    ],
    stdin: "null",
    stderr: "piped",
  }).spawn();
  const children = () =>
    Deno.readTextFileSync(`/proc/${unshare.pid}/task/${unshare.pid}/children`).trim();
  await until(() => children() !== "", "process 1");
  return { unshare, pid: Number(children()) };
}

/** Whether a process is the executable (not unshare(1) or the shell before it) and has SIGTERM blocked. */
function blocksTerm(pid: number): boolean {
  // In this order: with the environment it has what env(1) has blocked.
  if (!Deno.readTextFileSync(`/proc/${pid}/environ`).includes("_SV_")) return false;
  const mask = /^SigBlk:\s*(\w+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))![1];
  return (BigInt(`0x${mask}`) & (1n << 14n)) !== 0n;
}

testForm(
  needsRoot === undefined ? packed : { ...packed, missing: needsRoot },
  "a SIGTERM that comes to process 1 before the scan runs ends the scan",
  async () => {
    using directory = publicDirectory();
    const [home, scan] = [`${directory.path}/home`, `${directory.path}/scan`];
    Deno.mkdirSync(home);
    Deno.mkdirSync(scan);
    const unpacked = `${home}/.cache/sv-runtime-0`;
    const unpacking = () =>
      existsSync(unpacked) && names(unpacked).some((name) => name.startsWith("unpacking."));
    for (const moment of ["while it is unpacked", "before the runtime is started"]) {
      const { unshare, pid } = await firstProcess(packed.command[0]!, home, scan);
      const output = unshare.output();
      try {
        await until(
          () => moment.startsWith("while") ? unpacking() : blocksTerm(pid),
          `the moment ${moment}`,
        );
        Deno.kill(pid, "SIGTERM");
        await within(output, `an end after ${moment}`);
      } catch (error) {
        unshare.kill("SIGKILL");
        throw error;
      }
      const { code, stderr } = await output;
      assertEquals(
        { code, stderr: new TextDecoder().decode(stderr) },
        { code: 0, stderr: "" },
        moment,
      );
    }
  },
);

testForm(
  needsRoot === undefined ? packed : { ...packed, missing: needsRoot },
  "process 1 ends by a SIGTERM at whatever instant it comes, /proc or not",
  seeded(31, async (random) => {
    using directory = publicDirectory();
    const [home, scan] = [`${directory.path}/home`, `${directory.path}/scan`];
    Deno.mkdirSync(home);
    Deno.mkdirSync(scan);
    for (let round = 0; round < 24; round++) {
      const setup = round % 2 === 0 ? HIDDEN : HIDDEN_WITHOUT_PROC;
      // From the first instant on at which the kernel keeps a signal for it: those before are dropped.
      const { unshare, pid } = await firstProcess(packed.command[0]!, home, scan, setup);
      const output = unshare.output();
      const after = random.below(200);
      try {
        await until(() => blocksTerm(pid), "process 1 to block signals");
        await new Promise((resolve) => setTimeout(resolve, after));
        Deno.kill(pid, "SIGTERM");
        await within(output, `an end ${after} ms after that, in round ${round}`);
      } catch (error) {
        unshare.kill("SIGKILL");
        throw error;
      }
      const { code, stderr } = await output;
      const text = new TextDecoder().decode(stderr);
      assertEquals({ code, stderr: text }, { code: 0, stderr: "" }, `${after} ms, round ${round}`);
    }
  }),
);
