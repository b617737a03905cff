/**
 * The chain-loaders of s6 for users, environments, limits and sessions, as Debian has them and as `sv`
 * under their names: what the program gets that they become, their exit codes, and whether they complain.
 */
import { assertEquals } from "@std/assert";
import { missingPrograms, missingRoot, needing } from "../support/needs.ts";
import { svCommand } from "../support/program.ts";
import { quoted } from "../support/quoted.ts";
import { run } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const programs = [
  "s6-setuidgid",
  "s6-envuidgid",
  "s6-applyuidgid",
  "s6-envdir",
  "s6-softlimit",
  "s6-setsid",
];

/** Where `sv` differs from s6 2.11 on purpose. */
interface Difference {
  readonly line: string;
  readonly because: string;
  readonly code?: number;
  readonly stdout?: string;
  readonly complains?: boolean;
}

/** A command line of the shell, and how `sv` differs there, if it does. */
type Line = string | Difference;

/** Whose rights a program has. Read by the program itself: it has become what it is. */
const RIGHTS = "grep -E '^(Uid|Gid|Groups|CapPrm|CapEff|CapAmb):' /proc/self/status";
const IDENTITY = "sh -c 'echo \"${UID-} ${GID-} ${GIDLIST-none}\"'";
const VARIABLES = "env -u PWD -u OLDPWD -u SHLVL -u _";

const chains: Readonly<Record<string, readonly Line[]>> = {
  "s6-setuidgid": [
    ...["nobody", "daemon", "root", "''", "1:2", "0:0", "65534:1", "007:08"].map((account) =>
      `s6-setuidgid ${account} ${RIGHTS}`
    ),
    ...["nosuch", "65534", "nobody:nogroup", "1:", ":2", "1:2:3", "-1:-1", "4294967295:1"].map(
      (account) => `s6-setuidgid ${account} echo ran`,
    ),
    "s6-setuidgid 1:4294967295 echo ran",
    "s6-setuidgid 1:4294967296 echo ran",
    "s6-setuidgid",
    "s6-setuidgid nobody",
    {
      line: "s6-setuidgid -u nobody true",
      because: "s6 takes the option for an account; sv says that there is no such option",
      code: 100,
    },
    "s6-setuidgid nobody ./nosuch",
    "s6-setuidgid nobody ./data",
    "s6-setuidgid nobody sh -c 'exit 7'",
    "s6-setuidgid nobody sh -c 'kill $$'",
    "UID=orig s6-setuidgid nobody printenv GID",
    "s6-setuidgid nobody sh -c 'echo $$ >&3' 3>&1 | grep -c .",
  ],
  "s6-envuidgid": [
    ...[
      "nobody",
      "-u nobody",
      "-g nogroup",
      "-B nobody:nogroup",
      "-B nobody",
      "-B nobody:",
      "-B :nogroup",
      "-n nobody",
      "-n 12",
      "-n -B 12:34",
      "-nB root:42",
      "-u -n 12",
      "-n -u 4294967295",
      "-n -g 12",
      "-D 1:2:3,4 nosuch",
      "-D 1:2:3,4, nosuch",
      "-D '1:2:3;4 5:6' nosuch",
      "-D 1:2 nosuch",
      "-D 1 nosuch",
      "-D : nosuch",
      "-D ::5 nosuch",
      "-D 7:8:9 nobody",
      "-D 7:8:9 -B nosuch:nosuch",
      "-D 7:8:9 -B nobody",
      "-D 7:8:9 -u nosuch",
      "-D 7:8:9 -g nosuch",
      "-i -D 7:8:9 nosuch",
      "-D 1:2:3 -D 4:5:6 nosuch",
    ].map((options) => `UID=a GID=b env -u GIDLIST s6-envuidgid ${options} ${IDENTITY}`),
    ...[
      "nosuch",
      "12",
      "-g nosuch",
      "-B nobody:nosuch",
      "-B nosuch:nogroup",
      "-n -u nosuch",
      "-D 1:2:3 -i nosuch",
      "-D a:2: nobody",
      "-D 1:b: nobody",
      "-D 1:2:x nobody",
      "-D 99999999999:1:2 nobody",
      "-Z nobody",
      "''",
    ].map((options) => `s6-envuidgid ${options} echo ran`),
    {
      line: `s6-envuidgid -u -n 4294967296 echo ran`,
      because: "s6 takes the digits that fit, another user's number",
      code: 1,
      stdout: "",
      complains: true,
    },
    "s6-envuidgid",
    "s6-envuidgid nobody",
    "s6-envuidgid nobody ./nosuch",
  ],
  "s6-applyuidgid": [
    ...[
      "",
      "-u 1000",
      "-u 1000 -g 1000",
      "-u 1000 -g 1000 -G 5,6",
      "-G 5,6",
      "-G ''",
      "-g 7 -G 8,7,9",
      "-g 7 -G 7,8",
      "-u 0",
      "-g 0 -G 3",
      "-u 007",
      "-G 1,",
      "-G 1:2",
      "-G '1 2'",
      "-u 1 -u 2",
      "-z -u 1",
    ].map((options) => `s6-applyuidgid ${options} ${RIGHTS}`),
    ...[
      "-u x",
      "-u -1",
      "-u 1x",
      "-u +5",
      "-u ''",
      "-u 4294967295",
      "-u 4294967296",
      "-g 4294967295",
      "-G 4294967295",
      "-G ,1",
      "-G x",
      "-U",
      "-Z",
    ].map((options) => `env -u UID -u GID -u GIDLIST s6-applyuidgid ${options} echo ran`),
    {
      line: "s6-applyuidgid -G 1,2,x echo ran",
      because: "s6 stops reading at what is no number",
      code: 100,
      stdout: "",
      complains: true,
    },
    ...["-U", "-Uz", "-U -u 9", "-u 9 -U", "-U -G 8", "-zU -g 4"].flatMap((options) =>
      [
        "UID=1 GID=2 GIDLIST=3,4",
        "UID=1 GID=2 GIDLIST=",
        "UID=0 GID=0 GIDLIST=0",
        "GID=2 GIDLIST=3",
        "UID=x GID=2 GIDLIST=",
        "UID=1 GID= GIDLIST=",
      ].map((variables) =>
        `env -u UID -u GID -u GIDLIST ${variables} s6-applyuidgid ${options} sh -c ` +
        `'${RIGHTS.replaceAll("'", '"')}; echo "\${UID-} \${GID-} \${GIDLIST-none}"'`
      )
    ),
    "s6-applyuidgid",
  ],
  "s6-envdir": [
    ...["", "-n", "-f", "-f -n", "-L -n", "-L -f", "-L -f -n", "-c x", "-c xy", "-I", "-i"].map(
      (options) =>
        `env -i A=old EMPTY=gone KEPT=1 PATH="$PATH" s6-envdir ${options} variables ` +
        `${VARIABLES} | sort`,
    ),
    {
      line: `env -i PATH="$PATH" s6-envdir -L unended ${VARIABLES} | sort`,
      because: "s6 loses a line without a newline there",
      stdout: "PATH=…\nUNENDED=value\n",
    },
    'env -i PATH="$PATH" s6-envdir long printenv LONG | wc -c',
    'env -i PATH="$PATH" s6-envdir -f long printenv LONG | wc -c',
    'env -i PATH="$PATH" s6-envdir -L -f long printenv LONG | wc -c',
    'env -i A=1 A=2 PATH="$PATH" s6-envdir variables sh -c \'echo "$A"\'',
    "s6-envdir path sh -c 'echo \"$PATH\"'",
    "s6-envdir nowhere echo ran",
    "s6-envdir -I nowhere echo ran",
    "s6-envdir -I -i nowhere echo ran",
    "s6-envdir -I data echo ran",
    "s6-envdir dangling echo ran",
    "s6-envdir -I dangling echo ran",
    "s6-envdir nested echo ran",
    "s6-envdir '' echo ran",
    "s6-envdir -I '' echo ran",
    {
      line: "s6-envdir -c '' variables echo ran",
      because: "s6 calls an invalid argument a failed system call",
      code: 100,
    },
    "s6-envdir",
    "s6-envdir variables",
    "s6-envdir -Z variables true",
    "s6-envdir variables nosuchprogram",
    "s6-envdir variables ./data",
    "s6-envdir variables sh -c 'exit 3'",
  ],
  "s6-softlimit": [
    ...[
      "-o 100",
      "-o =",
      "-H -o 200",
      "-H -o 200 -o 100",
      "-h -o 5000 -H -o 400",
      "-o 100000000",
      "-o 18446744073709551615",
      "-m 100000000",
      "-a 500000000",
      "-d 100000000",
      "-c 0",
      "-c =",
      "-H -c =",
      "-h -c 1000000",
      "-H -c 10000 -c =",
      "-f 100000",
      "-l 7",
      "-p 50",
      "-r 4",
      "-s 1000000",
      "-t 5",
      "-t 1 -t 100",
    ].map((options) =>
      `ulimit -Sn 1024; ulimit -Sc 0; s6-softlimit ${options} cat /proc/self/limits`
    ),
    ...["-o x", "-o ''", "-o -5", "-o 18446744073709551616", "-o", "-h -o =", "-h"].map((options) =>
      `s6-softlimit ${options} echo ran`
    ),
    "s6-softlimit",
    "s6-softlimit -o 100",
    "s6-softlimit -o 10 ./nosuch",
    "s6-softlimit -m 2000 ./nosuch",
    "s6-softlimit -a 1000 true",
    "s6-softlimit -d 1000 cat /proc/self/limits",
    "s6-softlimit -s 1 true",
    "s6-softlimit -t 0 sh -c 'while :; do :; done'",
    {
      line: "ulimit -Sn 1024; s6-softlimit -h -o 200 grep '^Max open files' /proc/self/limits",
      because: "s6 fails, and its page promises that the soft limit follows",
      code: 0,
      stdout: "Max open files            200                  200                  files     \n",
      complains: false,
    },
    {
      line: "s6-softlimit -P 3 grep '^Max realtime priority' /proc/self/limits",
      because: "-P came with 2.14",
      code: 0,
      stdout: "Max realtime priority     0                    0                    \n",
      complains: false,
    },
    {
      line: "s6-softlimit -x 1 true",
      because: "s6 passes over an unknown option",
      code: 100,
      complains: true,
    },
  ],
  "s6-setsid": [
    ...["", "-s", "-b", "-b -s", "-i", "-I", "-q", "-i -b"].map((options) =>
      `s6-setsid ${options} ./family`
    ),
    ...["-f", "-g", "-q -f", "-q -g", "-I -f", "-i -f", "-i -g", "-d 99 -f", "-d 0 -i -f"].map(
      (options) => `setsid s6-setsid ${options} sh -c 'echo ran'`,
    ),
    // A leader of a process group can't start a session.
    ...["", "-i", "-q", "-I", "-iq", "-iI", "-qi"].map((options) =>
      `setsid sh -c "exec s6-setsid ${options} echo ran"`
    ),
    "s6-setsid",
    "s6-setsid -s",
    "s6-setsid -x true",
    "s6-setsid -d x -f true",
    "s6-setsid ./nosuch",
    "s6-setsid sh -c 'exit 9'",
  ],
};

/** Prints which of session and process group it leads. */
const FAMILY = `#!/bin/sh
set -- $(cut -d ' ' -f 5,6 /proc/$$/stat)
echo "$([ "$1" = $$ ] && echo leads a group) $([ "$2" = $$ ] && echo leads a session)"
`;

async function place() {
  const directory = await temporaryDirectory();
  const write = async (path: string, content: string | Uint8Array, mode = 0o644) => {
    await Deno.mkdir(`${directory.path}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeFile(
      `${directory.path}/${path}`,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
      { mode },
    );
  };
  await Deno.chmod(directory.path, 0o755);
  await write("data", "text\n");
  await write("family", FAMILY, 0o755);
  await write("variables/A", "one two \t\nsecond\n");
  await write("variables/EMPTY", "");
  await write("variables/NUL", "x\0y\nz\n");
  await write("variables/CR", "end\r\n");
  await write("variables/BLANK", "\n");
  await write("variables/BLANKS", " \t\n");
  await write("variables/BYTES", Uint8Array.from([0xff, 0x41, 0xc3, 10]));
  await write("variables/lower-case.name", "odd\n");
  await write("variables/.hidden", "h\n");
  await write("variables/a=b", "q\n");
  await write("unended/UNENDED", "value");
  await write("long/LONG", "l".repeat(10_000) + "\n");
  await write("path/PATH", "/nowhere\n");
  await Deno.mkdir(`${directory.path}/dangling`);
  await Deno.symlink("gone", `${directory.path}/dangling/X`);
  await Deno.mkdir(`${directory.path}/nested/X`, { recursive: true });
  const bin = `${directory.path}/bin`;
  await Deno.mkdir(bin);
  for (const program of programs) {
    const path = `${bin}/${program}`;
    await Deno.writeTextFile(path, `#!/bin/sh\nexec ${quoted(svCommand(program))} "$@"\n`);
    await Deno.chmod(path, 0o755);
  }
  return { directory, bin };
}

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly complains: boolean;
}

async function outcome(line: string, cwd: string, path: string): Promise<Outcome> {
  const env = { PATH: `${path}:/usr/bin:/bin` };
  const { code, stdout, stderr } = await run(["/bin/sh", "-c", line], { cwd, env });
  return {
    code,
    stdout: stdout.replaceAll(/^PATH=.*$/gm, "PATH=…"),
    complains: stderr !== "",
  };
}

for (const [program, lines] of Object.entries(chains)) {
  Deno.test({
    ...needing(
      [missingPrograms(...programs), missingRoot("to become other users")],
      `${program} of s6 and of sv do the same`,
    ),
    async fn() {
      const { directory, bin } = await place();
      await using _ = directory;
      const seen: Record<string, Outcome> = {};
      const expected: Record<string, Outcome> = {};
      for (const entry of lines) {
        const { line, because: _, ...difference } = typeof entry === "string"
          ? { line: entry, because: "" }
          : entry;
        const [s6, own] = await Promise.all([
          outcome(line, directory.path, "/usr/bin"),
          outcome(line, directory.path, bin),
        ]);
        seen[line] = own;
        expected[line] = { ...s6, ...difference };
      }
      assertEquals(seen, expected);
    },
  });
}
