import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { missingPrograms, missingRoot, refused, testNeeding } from "../support/needs.ts";
import { run } from "../support/run.ts";

const module = (name: string) => new URL(`../../lib/os/${name}.ts`, import.meta.url);

/** Becomes a user, and then `cat /proc/self/status`. */
function program(identity: string): string {
  return `import { becomeUser } from "${module("become_user")}";` +
    `import { exec } from "${module("spawn/exec")}";` +
    `becomeUser(${identity}); throw exec(["cat", "/proc/self/status"]);`;
}

const isRoot = missingRoot("to become other users");
const strace = [
  isRoot,
  missingPrograms("strace"),
  await refused("strace", "-o", "/dev/null", "true"),
];

testNeeding([isRoot], "a program gets all ids, the groups, and no capability", async () => {
  const { stdout, code } = await run([
    ...[Deno.execPath(), "eval", "--no-config"],
    program("{ uid: 1234, gid: 2345, groups: [7, 2345, 8] }"),
  ]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, "\nUid:\t1234\t1234\t1234\t1234\n");
  assertStringIncludes(stdout, "\nGid:\t2345\t2345\t2345\t2345\n");
  // The kernel sorts them.
  assertEquals(/\nGroups:\t(.*?) ?\n/.exec(stdout)?.[1], "7 8 2345");
  for (const set of ["Inh", "Prm", "Eff", "Amb"]) {
    assertStringIncludes(stdout, `\nCap${set}:\t0000000000000000\n`);
  }
});

testNeeding(strace, "the thread that becomes the program changes, and no other", async () => {
  const { stderr, code } = await run([
    ...["strace", "-f", "-qq", "-e", "signal=none"],
    ...["-e", "trace=setgroups,setresgid,setresuid,execve"],
    ...[Deno.execPath(), "eval", "--no-config"],
    program("{ uid: 1234, gid: 2345, groups: [] }"),
  ]);
  assertEquals(code, 0, stderr);
  // `[pid 12] setgroups(…`; where there is one thread, without the number.
  const calls = [...stderr.matchAll(/(?:\[pid +(\d+)\] )?\b(set\w+|execve)\(/g)];
  const names = calls.map(([, , name]) => name);
  const first = names.indexOf("setgroups");
  assert(first > 0, stderr);
  assertEquals(
    [...new Set(names.slice(first))],
    ["setgroups", "setresgid", "setresuid", "execve"],
    stderr,
  );
  assertEquals(names.filter((name) => name !== "execve").length, 3, stderr);
  assertEquals(new Set(calls.slice(first).map(([, thread]) => thread)).size, 1, stderr);
});
