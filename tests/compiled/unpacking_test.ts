/** The first start of the packed executable: where it unpacks, and what can go wrong there. */
import { assertEquals, assertMatch } from "@std/assert";
import { type Outcome, packed, publicDirectory, run, testForm } from "./forms.ts";

const nobody = 65534;
const user = Deno.uid() === 0 ? nobody : Deno.uid()!;

/** Returns a command line that runs a command as an ordinary user. */
function asUser(command: readonly string[]): string[] {
  if (Deno.uid() !== 0) return [...command];
  return ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups", ...command];
}

/** Makes a home for the user, and a copy of the executable: the user can't read the repository. */
function place(): Disposable & { readonly path: string; readonly sv: string } {
  const directory = publicDirectory();
  const sv = `${directory.path}/sv`;
  Deno.copyFileSync(packed.command[0]!, sv);
  Deno.chmodSync(sv, 0o755);
  const path = `${directory.path}/home`;
  Deno.mkdirSync(path);
  if (Deno.uid() === 0) Deno.chownSync(path, nobody, nobody);
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
  for (const name of names(unpacked)) assertMatch(name, /^([0-9a-f]{20}|cache)$/);
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
  assertEquals(names(`${at.path}/.cache/sv-runtime-${user}`).length, 3);
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
  if (Deno.uid() === 0) Deno.chownSync(open, nobody, nobody);
  Deno.mkdirSync(`${open}/sv-runtime-${user}`);
  Deno.chmodSync(`${open}/sv-runtime-${user}`, 0o777);
  if (Deno.uid() === 0) Deno.chownSync(`${open}/sv-runtime-${user}`, nobody, nobody);
  const { code } = await start(at.sv, { XDG_CACHE_HOME: open, TMPDIR: temporary });
  assertEquals(code, 0);
  assertEquals(names(`${open}/sv-runtime-${user}`), []);
  assertEquals(names(temporary), [`sv-runtime-${user}`]);
});

testForm(packed, "a link in the place of the directory is not followed", async () => {
  using at = place();
  const [trap, temporary] = [`${at.path}/trap`, `${at.path}/tmp`];
  Deno.mkdirSync(trap, { mode: 0o700 });
  if (Deno.uid() === 0) Deno.chownSync(trap, nobody, nobody);
  Deno.mkdirSync(temporary);
  Deno.chmodSync(temporary, 0o1777);
  Deno.symlinkSync(trap, `${temporary}/sv-runtime-${user}`);
  const { code, stderr } = await start(at.sv, { HOME: "/proc", TMPDIR: temporary });
  assertEquals(code, 111);
  assertMatch(stderr, /^sv: fatal: cannot start: \S+ is not a private directory of user \d+ .*\n$/);
  assertEquals(names(trap), []);
});

testForm(packed, "a full disk is one line on stderr, exit code 111, and nothing left", async () => {
  using at = place();
  const limited = asUser(["/bin/sh", "-c", 'ulimit -f 2000; exec "$0" --version', at.sv]);
  const { code, stdout, stderr } = await run(limited, {
    env: { PATH: "/usr/bin:/bin", HOME: at.path, TMPDIR: at.path },
  });
  assertEquals({ code, stdout }, { code: 111, stdout: "" });
  assertMatch(stderr, /^sv: fatal: cannot start: unpacking into \S+ failed; .*enough space.*\n$/);
  assertEquals(names(`${at.path}/.cache`), []);
});

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
  if (Deno.uid() === 0) await run(["chown", "-R", `${nobody}:${nobody}`, `${at.path}/.cache`]);
  Deno.chmodSync(unpacked, 0o700);
  const { code, stderr } = await start(at.sv, { HOME: at.path });
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  const left = names(unpacked);
  assertEquals(left.filter((name) => name.startsWith("0000")), ["00000000000000000002"]);
});
