/** The promises of `sv` as an executable, in each form that it has. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { executables, type Form, forms, packed, publicDirectory, run, testForm } from "./forms.ts";

function inEachForm(promise: string, test: (form: Form) => Promise<void>): void {
  for (const form of forms) testForm(form, promise, () => test(form));
}

/** Returns a command line of `sh` with a script in which `"$@"` is the form's command. */
function after(script: string, form: Form, ...args: string[]): string[] {
  return ["/bin/sh", "-c", script, "sh", ...form.command, ...args];
}

inEachForm("--version prints one line", async (form) => {
  const { code, stdout, stderr } = await run([...form.command, "--version"]);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  assertMatch(stdout, /^sv \d+\.\d+\.\d+\n$/);
});

inEachForm("on a terminal, nothing else is printed", async (form) => {
  const command = [...form.command, "--version"].join(" ");
  const { code, stdout } = await run(["script", "-qec", command, "/dev/null"]);
  assertEquals(code, 0);
  assertMatch(stdout, /^sv \d+\.\d+\.\d+\r\n$/);
});

inEachForm("the exit code is the program's", async (form) => {
  using directory = publicDirectory();
  const lock = `${directory.path}/lock`;
  const { code } = await run([...form.command, "setlock", lock, "sh", "-c", "exit 37"]);
  assertEquals(code, 37);
});

inEachForm("arguments are kept", async (form) => {
  using directory = publicDirectory();
  const args = ["two words", "line\nline\n", "", "é", "*", "--", '"', "-x"];
  const { stdout } = await run(
    [...form.command, "setlock", `${directory.path}/lock`, "printf", "[%s]", ...args],
  );
  assertEquals(stdout, args.map((arg) => `[${arg}]`).join(""));
});

inEachForm("arguments that are not UTF-8 are kept byte for byte", async (form) => {
  using directory = publicDirectory();
  const script = `exec "$@" setlock ${directory.path}/lock printf '[%s]' "$(printf 'a\\377b')"`;
  const [shell, ...args] = after(script, form);
  const { code, stdout, stderr } = await new Deno.Command(shell!, { args }).output();
  // The runtime of `deno compile` panics at such an argument before it runs any JavaScript (2.6.10).
  const refused = form.name === "compiled" && code === 101 &&
    new TextDecoder().decode(stderr).includes('"a\\xFFb"');
  if (!refused) assertEquals(String.fromCharCode(...stdout), "[a\xffb]");
});

inEachForm(
  "a program that it becomes sees the environment that it was started with",
  async (form) => {
    using directory = publicDirectory();
    const env = {
      "HOME": directory.path,
      "PATH": Deno.env.get("PATH") ?? "/usr/bin:/bin",
      "XDG_CACHE_HOME": `${directory.path}/cache`,
      "not.a.shell-name": "kept",
      "lines": "one\ntwo=2\n",
      "DENO_DIR": `${directory.path}/deno`,
    };
    const { stdout, stderr } = await run(
      [...form.command, "setlock", `${directory.path}/lock`, "/usr/bin/env", "-0"],
      { env },
    );
    const seen = stdout.split("\0").slice(0, -1).sort();
    assertEquals(
      seen,
      Object.entries(env).map(([name, value]) => `${name}=${value}`).sort(),
      stderr,
    );
  },
);

/** Returns the environment that a program sees that a form becomes. */
async function environmentSeen(
  form: Form,
  directory: string,
  env: Record<string, string>,
): Promise<string[]> {
  const lock = `${directory}/lock`;
  const { stdout, stderr } = await run(
    [...form.command, "setlock", lock, "/usr/bin/env", "-0"],
    { env, cwd: directory },
  );
  assertEquals(stderr, "");
  return stdout.split("\0").slice(0, -1).sort();
}

/** Returns an environment as {@linkcode environmentSeen} does. */
function listed(env: Record<string, string>): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`).sort();
}

inEachForm("no value, whatever its bytes and length, becomes a variable", async (form) => {
  using directory = publicDirectory();
  const env = {
    "HOME": directory.path,
    "PATH": Deno.env.get("PATH") ?? "/usr/bin:/bin",
    "LS_COLORS": "x\x01LD_PRELOAD=/tmp/e.so\x01\x02\n.\nINJECTED=1\n",
    ...Object.fromEntries(["A", "B", "C"].map((name) => [name, name.repeat(100_000)])),
  };
  assertEquals(await environmentSeen(form, directory.path, env), listed(env));
});

for (const form of executables) {
  testForm(form, "what rules the runtime is not the caller's, and services get it", async () => {
    using directory = publicDirectory();
    // Opening it would block.
    await run(["mkfifo", `${directory.path}/.npmrc`]);
    Deno.writeTextFileSync(`${directory.path}/x.js`, 'process.stderr.write("foreign code\\n");\n');
    const env = {
      "HOME": directory.path,
      "PATH": Deno.env.get("PATH") ?? "/usr/bin:/bin",
      "NODE_OPTIONS": "--require ./x.js",
      "DENO_V8_FLAGS": "--no-such-flag",
      "DENO_AUDIT_PERMISSIONS": "audit",
      "DENO_NO_UPDATE_CHECK": "",
      "OTEL_DENO": "true",
      "OTEL_EXPORTER_OTLP_PROTOCOL": "none such",
      "XDG_CACHE_HOME": `${Deno.env.get("HOME")}/.cache`,
    };
    assertEquals(await environmentSeen(form, directory.path, env), listed(env));
    const { code, stdout, stderr } = await run([...form.command, "ok", "/none"], {
      env,
      cwd: directory.path,
    });
    assertEquals({ code, stdout }, { code: 1, stdout: "" });
    assert(!stderr.includes("foreign code"), stderr);
    assertEquals(
      [...Deno.readDirSync(directory.path)].map(({ name }) => name).sort(),
      [".npmrc", "lock", "x.js"],
    );
  });
}

testForm(packed, "in a working directory that was removed", async () => {
  using directory = publicDirectory();
  const lock = `${directory.path}/lock`;
  const inRemoved = (...args: string[]) => {
    const script = 'mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"';
    const gone = `${directory.path}/gone`;
    return run(["/bin/sh", "-c", script, gone, ...packed.command, ...args]);
  };
  const version = await inRemoved("--version");
  assertEquals(version.code, 0, version.stderr);
  const stat = await inRemoved("stat", directory.path);
  assertEquals(stat.code, 1);
  // The shell that is the beginning of the executable says that it can't find out where it is.
  assertMatch(stat.stderr, /^(sh: .*getcwd.*\n)?sv stat: fatal: .* no supervisor is running\n$/);
  const { code, stdout } = await inRemoved("setlock", lock, "readlink", "/proc/self/cwd");
  assertEquals({ code, stdout }, { code: 0, stdout: `${directory.path}/gone (deleted)\n` });
});

inEachForm("a PWD that is not true any more stays as it was", async (form) => {
  using directory = publicDirectory();
  const { stdout } = await run(
    [...form.command, "setlock", `${directory.path}/lock`, "/usr/bin/env"],
    { env: { PATH: Deno.env.get("PATH")!, HOME: directory.path, PWD: "/elsewhere" } },
  );
  assert(stdout.split("\n").includes("PWD=/elsewhere"), stdout);
});

inEachForm("the process id, standard input, umask and limits are kept", async (form) => {
  using directory = publicDirectory();
  const script = `echo $$; umask 027; ulimit -Sn 200; exec "$@" setlock ${directory.path}/lock ` +
    `sh -c 'echo $$; umask; ulimit -Sn; cat'`;
  const { stdout } = await run(after(script, form), { stdin: "typed" });
  const [before, pid, umask, limit, input] = stdout.split("\n");
  assertEquals({ pid, umask, limit, input }, {
    pid: before,
    umask: "0027",
    limit: "200",
    input: "typed",
  });
});

inEachForm("a program that it becomes has no descriptors but the caller's", async (form) => {
  using directory = publicDirectory();
  const list = ["sh", "-c", "exec ls /proc/self/fd"];
  const script = `exec 7</dev/null; exec "$@"`;
  const expected = await run(["/bin/sh", "-c", script, "sh", ...list]);
  const { stdout } = await run(
    after(script, form, "setlock", "-d", "9", `${directory.path}/lock`, ...list),
  );
  const added = stdout.split("\n").filter((fd) => !expected.stdout.split("\n").includes(fd));
  // `ls` has the directory open under the lowest free number, here as in `expected`.
  assertEquals(added, ["9"]);
});

for (const form of executables) {
  testForm(form, "called by the name of an s6 program, it is that program", async () => {
    using directory = publicDirectory();
    const link = `${directory.path}/s6-svok`;
    Deno.symlinkSync(form.command[0]!, link);
    const byPath = await run([link]);
    assertEquals(byPath.code, 100);
    assertMatch(byPath.stderr, /^s6-svok: /);
    const byName = await run(["/bin/sh", "-c", `PATH=${directory.path}:$PATH; exec s6-svok /none`]);
    assertEquals(byName.code, 1);
  });

  testForm(form, "called by a relative name, from another directory", async () => {
    using directory = publicDirectory();
    Deno.symlinkSync(form.command[0]!, `${directory.path}/s6-svok`);
    Deno.mkdirSync(`${directory.path}/below`);
    const { code } = await run(["../s6-svok", "/none"], { cwd: `${directory.path}/below` });
    assertEquals(code, 1);
  });
}
