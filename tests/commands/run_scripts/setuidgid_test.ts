/** Whose rights a program gets from `setuidgid`, `envuidgid` and `applyuidgid`. */
import { assertEquals, assertMatch } from "@std/assert";
import { missingPrograms, missingRoot, refused, testNeeding } from "../../support/needs.ts";
import { svCommand } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

const isRoot = missingRoot("to become other users");
const mounts = isRoot ?? await refused("unshare", "--mount", "true");

const sv = svCommand("").slice(0, -1);

/** A program that prints its own rights. */
const RIGHTS = ["grep", "-E", "^(Uid|Gid|Groups|Cap(Inh|Prm|Eff|Amb)):", "/proc/self/status"];

function rightsOf(stdout: string): Record<string, string> {
  return Object.fromEntries(
    stdout.trim().split("\n").map((line) => line.split(":\t").map((part) => part.trim())),
  );
}

/** Capabilities that nobody but root has. */
const NO_CAPABILITIES = {
  CapInh: "0000000000000000",
  CapPrm: "0000000000000000",
  CapEff: "0000000000000000",
  CapAmb: "0000000000000000",
};

const ids = (id: number) => Array(4).fill(id).join("\t");

const PASSWD = `root:x:0:0:root:/root:/bin/sh
web:x:1234:2345::/home/web:/bin/sh
many:x:1235:2346::/nonexistent:/bin/sh
own:x:1236:2347::/nonexistent:/bin/sh
alone:x:1237:2348::/nonexistent:/bin/sh
`;
const GROUP = `root:x:0:
web:x:2345:
logs:x:50:web,other
own:x:2347:own
other:x:51:other
media:x:40:other,web
${Array.from({ length: 200 }, (_, index) => `g${index}:x:${5000 + index}:many`).join("\n")}
`;

/** Runs `sv` where these accounts are all that there are. */
async function withAccounts(...args: readonly string[]) {
  await using directory = await temporaryDirectory();
  await Deno.writeTextFile(`${directory.path}/passwd`, PASSWD);
  await Deno.writeTextFile(`${directory.path}/group`, GROUP);
  await Deno.writeTextFile(`${directory.path}/nsswitch.conf`, "passwd: files\ngroup: files\n");
  const script = "for f in passwd group nsswitch.conf; do " +
    '[ ! -e /etc/$f ] || mount --bind "$0/$f" /etc/$f; done; exec "$@"';
  return await run(
    ["unshare", "--mount", "/bin/sh", "-ec", script, directory.path, ...sv, ...args],
  );
}

const range = Array.from({ length: 200 }, (_, index) => 5000 + index);

for (
  const [user, uid, gid, groups] of [
    ["web", 1234, 2345, [40, 50, 2345]],
    ["many", 1235, 2346, [2346, ...range]],
    ["own", 1236, 2347, [2347]],
    ["alone", 1237, 2348, [2348]],
  ] as const
) {
  testNeeding(
    [mounts],
    `setuidgid ${user}: the user, the group, its ${groups.length} groups, no capability`,
    async () => {
      const { code, stdout, stderr } = await withAccounts("setuidgid", user, ...RIGHTS);
      assertEquals([code, stderr], [0, ""]);
      assertEquals(rightsOf(stdout), {
        Uid: ids(uid),
        Gid: ids(gid),
        Groups: groups.join(" "),
        ...NO_CAPABILITIES,
      });
    },
  );
}

testNeeding(
  [mounts, missingPrograms("s6-envuidgid")],
  "envuidgid lists the groups that s6's does",
  async () => {
    for (const user of ["web", "many", "own", "alone", "root"]) {
      const own = await withAccounts("envuidgid", user, "printenv", "UID", "GID", "GIDLIST");
      // Becomes s6's program, with the same accounts.
      const s6 = await withAccounts(
        "setuidgid",
        "",
        "s6-envuidgid",
        user,
        "printenv",
        "UID",
        "GID",
        "GIDLIST",
      );
      assertEquals(own, s6, user);
    }
  },
);

testNeeding([mounts], "a file of accounts that is missing has no such user", async () => {
  const script = 'mount -t tmpfs none /etc; exec "$@"';
  const { code, stdout, stderr } = await run(
    [
      "unshare",
      "--mount",
      "/bin/sh",
      "-ec",
      script,
      "sh",
      ...sv,
      "setuidgid",
      "nobody",
      "echo",
      "ran",
    ],
  );
  assertEquals([code, stdout], [1, ""]);
  assertMatch(
    stderr,
    /^sv setuidgid: fatal: there is no user 'nobody'; 'getent passwd' lists those that there are\n$/,
  );
});

/** Root's programs without some capabilities. */
const without = (capabilities: string) => ["setpriv", "--bounding-set", capabilities];

for (
  const [capabilities, args, step] of [
    ["-setgid", ["setuidgid", "nobody"], "set the supplementary groups 65534"],
    ["-setgid", ["setuidgid", "1:2"], "set the supplementary groups 2"],
    ["-setgid", ["applyuidgid", "-g", "2", "-u", "1"], "set the group 2"],
    ["-setgid", ["applyuidgid", "-G", "", "-u", "1"], "set the supplementary groups 0"],
    ["-setuid", ["setuidgid", "nobody"], "set the user 65534"],
    ["-setuid", ["setuidgid", "1:2"], "set the user 1"],
    ["-setuid", ["applyuidgid", "-u", "1"], "set the user 1"],
    ["-setuid,-setgid", ["setuidgid", "nobody"], "set the supplementary groups 65534"],
  ] as const
) {
  testNeeding(
    [isRoot, missingPrograms("setpriv")],
    `${args.join(" ")} with the capabilities ${capabilities} runs nothing`,
    async () => {
      const { code, stdout, stderr } = await run(
        [...without(capabilities), ...sv, ...args, "echo", "ran"],
      );
      assertEquals([code, stdout], [111, ""]);
      assertEquals(
        stderr,
        `sv ${args[0]}: fatal: cannot ${step}: Operation not permitted\n`,
      );
    },
  );
}

// For setresuid(2) and setresgid(2) this number means "as it is".
for (
  const [args, step] of [
    [["applyuidgid", "-u", "4294967295"], "set the user 4294967295"],
    [["applyuidgid", "-g", "4294967295"], "set the group 4294967295"],
    [["applyuidgid", "-G", "4294967295"], "set the supplementary groups 0,4294967295"],
    [["setuidgid", "4294967295:4294967295"], "set the supplementary groups 4294967295"],
    [["setuidgid", "4294967295:1"], "set the user 4294967295"],
  ] as const
) {
  testNeeding([isRoot], `${args.join(" ")} runs nothing`, async () => {
    const { code, stdout, stderr } = await run([...sv, ...args, "echo", "ran"]);
    assertEquals([code, stdout], [111, ""]);
    assertEquals(stderr, `sv ${args[0]}: fatal: cannot ${step}: Invalid argument\n`);
  });
}

testNeeding([isRoot], "no descriptor and no process of sv is left with the program", async () => {
  // Its directory of descriptors is its own: nothing changes it while ls reads it.
  const plain = await run(["ls", "/proc/self/fd"]);
  const { stdout } = await run([...sv, "setuidgid", "1:1", "ls", "/proc/self/fd"]);
  assertEquals(stdout, plain.stdout);
  const threads = await run([...sv, "setuidgid", "1:1", "grep", "^Threads", "/proc/self/status"]);
  assertEquals(threads.stdout, "Threads:\t1\n");
});
