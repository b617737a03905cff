/** The launcher starts a script in the place of the runtime, which tells how it was started. */
import { assertEquals, assertMatch } from "@std/assert";
import type { Machine } from "../../../../scripts/pack/elf.ts";
import { launcherFor } from "../../../../scripts/pack/launcher/launcher.ts";
import type { Bundle, Layout } from "../../../../scripts/pack/launcher/layout.ts";
import { V8_FLAGS } from "../../../../scripts/pack/runtime_start.ts";
import { type Missing, missingPrograms, testNeeding } from "../../../support/needs.ts";
import { run } from "../../../support/run.ts";
import { temporaryDirectory } from "../../../support/temporary_directory.ts";

const BUNDLES: readonly Bundle[] = [
  { file: "stat.mjs", names: ["stat", "s6-svstat"], starts: false, life: "short" },
  { file: "restart.mjs", names: ["restart"], starts: true, life: "short" },
  { file: "status.mjs", names: ["status"], starts: true, life: "many" },
  { file: "scan.mjs", names: ["scan", "s6-svscan"], starts: true, life: "scan" },
  { file: "supervise.mjs", names: ["supervise"], starts: true, life: "long" },
  { file: "sv.mjs", names: [], starts: true, life: "long" },
];

/** Prints its arguments, its environment, the signals that it blocks, and the notes. */
const RUNTIME = `#!/usr/bin/perl
print map { "argument $_\\n" } @ARGV;
open my $environment, "<", "/proc/self/environ"; local $/; my $all = <$environment>;
print map { "variable $_\\n" } split /\\0/, $all;
open my $status, "<", "/proc/self/status"; <$status> =~ /SigBlk:\\s*(\\w+)/; print "blocks $1\\n";
if ($all =~ m{_SV_START=/proc/self/fd/(\\d+)}) {
  open my $notes, "<", "/proc/self/fd/$1"; print "notes ", join("|", split /\\0/, <$notes>), "\\n";
}
`;

const LAYOUT: Layout = {
  runtime: "r/sv",
  interpreter: "/proc/self/exe",
  flags: ["--quiet"],
  program: "p",
  bundles: BUNDLES,
};

/** How a launcher is run, by the machine that it is for. */
const machines: Readonly<Record<Machine, { through: string[]; missing: Missing }>> = {
  x86_64: {
    through: [],
    missing: Deno.build.arch === "x86_64" ? undefined : "this machine is another",
  },
  aarch64: Deno.build.arch === "aarch64"
    ? { through: [], missing: undefined }
    : { through: ["qemu-aarch64-static"], missing: missingPrograms("qemu-aarch64-static") },
};

/** Becomes a program with 200 variables of one name. */
const MANY_VARIABLES = `
import ctypes, shutil, sys
strings = lambda texts: (ctypes.c_char_p * (len(texts) + 1))(*[text.encode() for text in texts], None)
argv = [shutil.which(sys.argv[1]), *sys.argv[2:]]
ctypes.CDLL(None).execve(argv[0].encode(), strings(argv), strings([f"TZ={n}" for n in range(200)]))
`;

/** The signals that qemu handles itself, as a set. */
const OF_QEMU = 1n << 6n | 1n << 10n;

/** What the launcher has done. */
interface Start {
  readonly code: number;
  readonly stderr: string;
  readonly arguments: string[];
  readonly variables: string[];
  readonly blocks: bigint;
  readonly notes: string | undefined;
}

for (const machine of ["x86_64", "aarch64"] as const) {
  const { through, missing } = machines[machine];
  const needs = [missing, missingPrograms("perl", "python3")];
  const test = (promise: string, body: (directory: string) => Promise<void>) =>
    testNeeding(needs, `${machine}: ${promise}`, async () => {
      await using place = await temporaryDirectory();
      const options = { mode: 0o755 };
      await Deno.writeFile(`${place.path}/sv`, launcherFor(machine, LAYOUT), options);
      await Deno.mkdir(`${place.path}/r`);
      await Deno.writeTextFile(`${place.path}/r/sv`, RUNTIME, options);
      await body(place.path);
    });

  /** Starts the launcher by a shell that has set limits, say. */
  const start = async (
    directory: string,
    args: readonly string[],
    { env = {}, program = `${directory}/sv`, cwd = "/", setup = "" }: {
      readonly env?: Readonly<Record<string, string>>;
      readonly program?: string;
      readonly cwd?: string;
      readonly setup?: string;
    } = {},
  ): Promise<Start> => {
    const assignments = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const { code, stdout, stderr } = await run(
      [
        ...["/bin/sh", "-c", `${setup} exec /usr/bin/env -i "$@"`, "sh"],
        ...[...assignments, ...through, program, ...args],
      ],
      { cwd },
    );
    const lines = stdout.split(/\n(?=argument|variable|blocks|notes|$)/);
    const of = (kind: string) =>
      lines.filter((line) => line.startsWith(kind)).map((line) => line.slice(kind.length));
    return {
      code,
      stderr,
      arguments: of("argument "),
      variables: of("variable "),
      blocks: BigInt(`0x${of("blocks ")[0] ?? 0}`),
      notes: of("notes ")[0],
    };
  };

  test("the bundle and the flags fit the command, by either name", async (directory) => {
    const flags: readonly (readonly [string[], string, string[]])[] = [
      [["stat", "x"], "stat", ["--v8-flags=--single-threaded,--lite-mode"]],
      [["s6-svstat"], "stat", ["--v8-flags=--single-threaded,--lite-mode"]],
      [["restart"], "restart", ["--v8-flags=--single-threaded,--lite-mode"]],
      [["status"], "status", [V8_FLAGS.many]],
      [["scan"], "scan", ["--v8-flags=--single-threaded,--max-semi-space-size=1"]],
      [["supervise"], "supervise", []],
      [["list"], "sv", []],
      [["sta"], "sv", []],
      [[""], "sv", []],
      [[], "sv", []],
    ];
    for (const [args, bundle, expected] of flags) {
      const started = await start(directory, args);
      assertEquals(started.arguments, [
        "run",
        "--quiet",
        ...expected,
        `${directory}/p/${bundle}.mjs`,
        ...args,
      ]);
      assertEquals([started.code, started.stderr], [0, ""]);
    }
    await Deno.symlink("sv", `${directory}/s6-svscan`);
    const linked = await start(directory, ["a"], { program: `${directory}/s6-svscan` });
    assertEquals(linked.arguments.slice(-2), [`${directory}/p/scan.mjs`, "a"]);
  });

  test("the runtime gets an environment of its own, and the notes have the caller's", async (directory) => {
    const env = {
      "A": "1",
      "PATH": "/usr/bin:/bin",
      "NODE_OPTIONS": "--no-such",
      "TZ": "UTC",
      "PATHS": "no",
      "x.y": "two\nlines",
      "long": "x".repeat(100_000),
      "E": "",
    };
    const { variables, notes } = await start(directory, ["supervise"], {
      env,
      setup: "ulimit -Sn 123;",
    });
    const pid = variables.find((entry) => entry.startsWith("_SV_PID="));
    const file = variables.find((entry) => entry.startsWith("_SV_START="));
    assertMatch(`${pid} ${file}`, /^_SV_PID=\d+ _SV_START=\/proc\/self\/fd\/\d+$/);
    assertEquals(
      // qemu changes the order.
      variables.filter((entry) => entry !== pid && entry !== file).sort(),
      [
        "LC_ALL=C",
        "DENO_DIR=/dev/null/none",
        "DENO_LOG=error,deno::cache::cache_db=off",
        "DENO_NO_UPDATE_CHECK=1",
        "DENO_NO_PACKAGE_JSON=1",
        "DENO_DISABLE_NODE_SHIM=1",
        `HOME=${directory}/none`,
        `_SV_EXECUTABLE=${directory}/sv`,
        `_SV_ARGV0=${directory}/sv`,
        "PATH=/usr/bin:/bin",
        "TZ=UTC",
      ].sort(),
    );
    const entries = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const noted = notes!.slice(notes!.indexOf("\n") + 1).split("|").slice(0, -1);
    assertEquals(noted.sort(), entries.sort());
    assertMatch(notes!, /^123\n.*\|\.$/s);
    assertEquals((await start(directory, ["stat"], { env })).notes, undefined);
    assertEquals((await start(directory, ["x"])).notes?.endsWith("\n."), true);
  });

  test("many variables of one name do no harm", async (directory) => {
    // env(1) and shells keep one of each name.
    const { code, stdout, stderr } = await run([
      ...["python3", "-c", MANY_VARIABLES],
      ...[...through, `${directory}/sv`, "stat"],
    ]);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^variable TZ=\d+$/m);
  });

  test("it is found by a link, by a relative path, and from a directory that was removed", async (directory) => {
    await Deno.mkdir(`${directory}/sub`);
    await Deno.symlink("../sv", `${directory}/sub/link`);
    for (
      const [program, cwd] of [
        [`${directory}/sub/link`, "/"],
        ["./sv", directory],
        ["sub/link", directory],
        ["../sv", `${directory}/sub`],
      ]
    ) {
      const started = await start(directory, ["stat"], { program: program!, cwd: cwd! });
      assertEquals(started.arguments.at(-2), `${directory}/p/stat.mjs`);
    }
    const { variables, code } = await start(directory, ["stat"], {
      setup: "mkdir gone && cd gone && rmdir ../gone;",
      cwd: directory,
    });
    assertEquals(code, 0);
    assertMatch(variables.join("\n"), /^_SV_CWD=\d+$/m);
  });

  test("signals are blocked that the runtime must not get", async (directory) => {
    const blocked = async (...args: string[]) =>
      (await start(directory, args, { env: { "_SV_START": "/proc/self/fd/0" } })).blocks;
    const usr1 = 1n << 9n;
    assertEquals(await blocked("stat"), usr1);
    assertEquals(await blocked("supervise"), usr1);
    const handled = through.length === 0 ? 0n : OF_QEMU;
    assertEquals(await blocked("scan") | handled, 0x7ffb_feffn);
    assertEquals(await blocked("scan", "--resume"), 0n);
  });

  test("a scan that resumes passes the notes on", async (directory) => {
    const resumed = await start(directory, ["scan", "--resume"], {
      env: { "_SV_START": "/proc/self/fd/0", "B": "2" },
    });
    assertEquals(
      resumed.variables.filter((entry) => entry.startsWith("_SV_START")),
      ["_SV_START=/proc/self/fd/0"],
    );
    const first = await start(directory, ["scan", "--resume"], { env: { "B": "2" } });
    assertMatch(first.notes!, /\nB=2\|\.$/);
  });

  test("a runtime that can't be started is one line, and exit code 111", async (directory) => {
    const refusal = async () => {
      const { code, stderr } = await start(directory, ["stat"]);
      assertEquals(code, 111);
      return stderr.replaceAll(directory, "DIR");
    };
    await Deno.chmod(`${directory}/r/sv`, 0o644);
    assertEquals(
      await refusal(),
      "sv: fatal: cannot start DIR/r/sv: permission denied, or it is on a file system from which no " +
        "program may be run\n",
    );
    await Deno.remove(`${directory}/r/sv`);
    assertEquals(
      await refusal(),
      "sv: fatal: cannot start DIR/r/sv: it is missing; lay sv out again with 'sv unpack'\n",
    );
  });

  test("a system without glibc is one line, and exit code 100", async (directory) => {
    const layout = { ...LAYOUT, interpreter: "/lib/no-such-linker.so" };
    await Deno.remove(`${directory}/sv`);
    await Deno.writeFile(`${directory}/sv`, launcherFor(machine, layout), { mode: 0o755 });
    // The kernel says of a program whose interpreter is missing that it is not there itself.
    await Deno.writeTextFile(`${directory}/r/sv`, "#!/lib/no-such-linker.so\n");
    const { code, stderr } = await start(directory, ["stat"]);
    assertEquals(
      { code, stderr: stderr.replaceAll(directory, "DIR") },
      {
        code: 100,
        stderr:
          "sv: fatal: cannot start DIR/r/sv: /lib/no-such-linker.so is missing: this system " +
          "has no glibc, which the runtime needs (Alpine has musl); run it on a system with glibc, " +
          "such as Debian\n",
      },
    );
  });
}
