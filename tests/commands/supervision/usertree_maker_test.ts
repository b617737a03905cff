/** A user's own tree: what `usertree-maker` writes beside s6's, and a tree of `nobody` that runs. */
import { assertEquals, assertMatch } from "@std/assert";
import { walk } from "@std/fs/walk";
import { relative } from "@std/path";
import { DEADLINE } from "../../support/deadline.ts";
import { writeFiles } from "../../support/files.ts";
import { missingPrograms, missingRoot, refused, testNeeding } from "../../support/needs.ts";
import { svCommand } from "../../support/program.ts";
import { quoted } from "../../support/quoted.ts";
import { run } from "../../support/run.ts";
import { Scan } from "../../support/scan.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { until } from "../../support/until.ts";

const own = svCommand("usertree-maker");
const sv = svCommand("").slice(0, -1);
const noS6 = missingPrograms("s6-usertree-maker");

/** Returns the mode of each file and directory, and the text of each but scripts. */
async function layout(directory: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { path, isFile } of walk(directory)) {
    const mode = ((await Deno.stat(path)).mode! & 0o7777).toString(8);
    const text = isFile && !path.endsWith("/run") ? await Deno.readTextFile(path) : "";
    found[relative(directory, path)] = `${mode} ${text}`;
  }
  return found;
}

for (
  const options of [
    "nobody /var/log/x made",
    "-d /srv/${USER} -p /bin -E /etc/env -e A -e B -l daemon -t 3 -n 3 -s 9 -S 27 -P x nobody /l made",
    "-r service/logger nobody /var/log/x made",
    "-r service/logger/both nobody /var/log/x made",
  ]
) {
  testNeeding([noS6], `usertree-maker ${options} makes the files that s6's does`, async () => {
    await using directory = await temporaryDirectory();
    const made = await Promise.all([own, ["s6-usertree-maker"]].map(async (program, index) => {
      const cwd = `${directory.path}/${index}`;
      await Deno.mkdir(cwd);
      const { code, stdout, stderr } = await run([...program, ...options.split(" ")], { cwd });
      assertEquals([code, stdout, stderr], [0, "", ""]);
      return await layout(`${cwd}/made`);
    }));
    assertEquals(made[0], made[1]);
  });
}

const MISTAKES = [
  "nobody rel made",
  "-d rel nobody /l made",
  "-t 4 nobody /l made",
  "-n x nobody /l made",
  "-s -1 nobody /l made",
  "-S 18446744073709551616 nobody /l made",
  "-r /x nobody /l made",
  "-r x nobody /l made",
  "-r x/ nobody /l made",
  "-r x//y nobody /l made",
  "-r x/y/ nobody /l made",
  "-r x/y/z/w nobody /l made",
  "-e a=b -E /e nobody /l made",
  "nobody /l",
  "-Z nobody /l made",
  "nobody /l there",
  "-r there/x nobody /l .",
  "-r x/y nobody /l no/such",
];

testNeeding(
  [noS6],
  "usertree-maker refuses what s6's does, with its exit codes, and makes nothing",
  async () => {
    await using directory = await temporaryDirectory();
    await Deno.mkdir(`${directory.path}/there`);
    for (const mistake of MISTAKES) {
      const words = mistake.split(" ");
      const { code, stderr } = await run([...own, ...words], { cwd: directory.path });
      const before = await layout(directory.path);
      assertEquals(Object.keys(before), ["", "there"], mistake);
      assertMatch(stderr, /^sv usertree-maker: fatal: .*\n/, mistake);
      const s6 = await run(["s6-usertree-maker", ...words], { cwd: directory.path });
      assertEquals(code, s6.code, mistake);
      for await (const { name } of Deno.readDir(directory.path)) {
        if (name !== "there") await Deno.remove(`${directory.path}/${name}`, { recursive: true });
      }
    }
  },
);

const HELLO = {
  run:
    "#!/bin/sh\nenv >env.txt\nid -u >id.txt\necho hello from $USER\necho >&3\nexec sleep 100000\n",
  "notification-fd": "3\n",
};

testNeeding(
  [
    missingRoot("to run a tree as another user"),
    missingPrograms("setpriv"),
    await refused("setpriv", "--reuid", "65534", "--clear-groups", "test", "-x", sv[0]!),
  ],
  "a tree of nobody, supervised by the system's: its own rights, environment, log and end",
  async () => {
    await using directory = await temporaryDirectory();
    const place = directory.path;
    await Deno.chmod(place, 0o755);
    await writeFiles(`${place}/bin`, { sv: `#!/bin/sh\nexec ${quoted(sv)} "$@"\n` });
    await writeFiles(`${place}/env`, { CONFIG: "${HOME}/.config\n", PLAIN: "${UID}\n" });
    await writeFiles(`${place}/tree-65534/hello`, HELLO);
    await Deno.mkdir(`${place}/logs`);
    await Deno.mkdir(`${place}/system`);
    for (const path of ["tree-65534", "tree-65534/hello", "logs"]) {
      await Deno.chown(`${place}/${path}`, path === "logs" ? 1 : 65534, 65534);
    }
    assertEquals(
      await run([
        ...own,
        ...["-d", place + "/tree-${UID}", "-p", "${HOME}/bin:/usr/bin:/bin", "-l", "daemon"],
        ...["-E", `${place}/env`, "-e", "CONFIG"],
        ...["nobody", `${place}/logs`, `${place}/system/nobody`],
      ]),
      { code: 0, signal: null, stdout: "", stderr: "" },
    );

    const path = `PATH=${place}/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
    await using system = await Scan.start(`${place}/system`, {
      through: ["env", path, "SECRET=of the system"],
    });
    const wait = async (service: string) => {
      const waiter = [...sv, "wait", "-U", "-t", `${DEADLINE}`, service];
      const { code, stderr } = await run(waiter);
      const processes = code === 0
        ? ""
        : (await run(["ps", "-eo", "pid,ppid,stat,wchan,args"])).stdout;
      const log = await Deno.readTextFile(`${place}/logs/current`).catch(String);
      assertEquals(code, 0, [stderr, system.stderr, log, processes].join("\n"));
    };
    // The user's scan is ready. Its packed form had to be unpacked for the user.
    await wait(`${place}/system/nobody`);
    const hello = `${place}/tree-65534/hello`;
    await wait(hello);
    assertEquals(await Deno.readTextFile(`${hello}/id.txt`), "65534\n");
    const variables = (await Deno.readTextFile(`${hello}/env.txt`)).trim().split("\n")
      .filter((line) => !/^(PWD|OLDPWD|SHLVL|_)=/.test(line)).sort();
    const home = variables.find((line) => line.startsWith("HOME="))!.slice("HOME=".length);
    assertEquals(variables, [
      `CONFIG=${home}/.config`,
      "GID=65534",
      "GIDLIST=",
      `HOME=${home}`,
      `PATH=${home}/bin:/usr/bin:/bin`,
      "PLAIN=${UID}",
      "UID=65534",
      "USER=nobody",
    ]);
    await until(
      async () => /hello from nobody\n/.test(await Deno.readTextFile(`${place}/logs/current`)),
      "the line of the user's service in the log",
    );
    assertEquals((await Deno.stat(`${place}/logs/current`)).uid, 1);

    // The system's end brings the user's services down, and waits for it.
    assertEquals((await run([...sv, "scanctl", "-t", `${place}/system`])).code, 0);
    await until(
      async () => (await run([...sv, "ok", hello])).code !== 0,
      "the end of the user's scan",
    );
  },
);
