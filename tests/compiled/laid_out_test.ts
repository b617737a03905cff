/** `sv unpack`: laid out once, for all users. */
import { assertEquals, assertMatch } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { missingRoot, refused, testNeeding } from "../support/needs.ts";
import { Scan } from "../support/scan.ts";
import { until } from "../support/until.ts";
import { executables, forms, packed, publicDirectory, run, testForm, unpacked } from "./forms.ts";

/** A user as which no other test starts `sv`: what that has unpacked into /tmp would be used. */
const ordinary = 65532;
const needsRoot = missingRoot("to become another user");

/** A command line that runs a command as an ordinary user without any rights. */
const AS_ORDINARY = [
  ...["setpriv", `--reuid=${ordinary}`, `--regid=${ordinary}`, "--clear-groups"],
  ...["--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"],
];

/** Lists a directory. */
function names(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map((entry) => entry.name).sort();
}

/** Returns the permissions of a file, in octal. */
function modeOf(path: string): string {
  return (Deno.statSync(path).mode! & 0o7777).toString(8);
}

for (const form of executables) {
  testForm(form, "sv unpack lays sv out, for all users", async () => {
    using place = publicDirectory();
    const directory = `${place.path}/new/sv`;
    const [shell, ...rest] = ["/bin/sh", "-c", 'umask 077; exec "$@"', "sh"];
    const { code, stderr } = await run([shell!, ...rest, ...form.command, "unpack", directory]);
    assertEquals({ code, stderr }, { code: 0, stderr: `sv unpack: ${directory}/sv is ready\n` });
    const files = names(directory);
    assertEquals(files.length, form.name === "compiled" ? 1 : 3);
    for (const name of files) {
      assertEquals(modeOf(`${directory}/${name}`), "755", name);
      if (name === "sv") continue;
      for (const file of names(`${directory}/${name}`)) {
        assertEquals(
          modeOf(`${directory}/${name}/${file}`),
          /\.(mjs|code)$/.test(file) ? "644" : "755",
          file,
        );
      }
    }
    const version = await run([`${directory}/sv`, "--version"]);
    assertMatch(version.stdout, /^sv \d+\.\d+\.\d+\n$/);
    assertEquals(version.stderr, "");
  });
}

const chroot = await refused("unshare", "--mount", "chroot", "/", "true");

/** Copies a program's libraries into a directory that is to be the root. */
async function installLibraries(program: string, root: string): Promise<void> {
  const { stdout } = await run(["ldd", program]);
  for (const [path] of stdout.matchAll(/\/\S+/g)) {
    await Deno.mkdir(`${root}${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
    await Deno.copyFile(path, `${root}${path}`);
  }
}

testNeeding(
  [unpacked.missing, needsRoot, chroot],
  "unpacked: a scan of any user works in a read-only root without shell, /tmp, /proc and rights",
  async () => {
    using place = publicDirectory();
    const root = `${place.path}/root`;
    await run([...packed.command, "unpack", "-q", `${root}/opt/sv`]);
    const runtime = names(`${root}/opt/sv`).map((name) => `${root}/opt/sv/${name}/sv`)
      .find((path) => existsSync(path))!;
    await installLibraries(runtime, root);
    await installLibraries("/usr/bin/tail", root);
    await Deno.mkdir(`${root}/bin`, { recursive: true });
    await Deno.copyFile("/usr/bin/tail", `${root}/bin/tail`);
    const scanned = `${place.path}/service`;
    for (const path of [`${root}/dev`, `${root}/service`, scanned, `${scanned}/a`]) {
      await Deno.mkdir(path);
    }
    await Deno.writeTextFile(`${scanned}/a/run`, "#!/bin/tail -f\n");
    await Deno.chmod(`${scanned}/a/run`, 0o755);
    for (const path of [scanned, `${scanned}/a`]) await Deno.chown(path, ordinary, ordinary);
    // Another user than root has no rights.
    const script = 'mount --bind "$1" "$1" && mount --bind /dev "$1/dev" && ' +
      'mount --bind "$2" "$1/service" && mount -o remount,bind,ro "$1" && ' +
      `exec chroot --userspec=${ordinary}:${ordinary} "$1" /opt/sv/sv scan /service`;
    await using scan = await Scan.start(scanned, {
      command: ["unshare", "--mount", "/bin/sh", "-c", script, "sh", root],
    });
    await until(
      async () =>
        (await run([...unpacked.command, "stat", "-o", "up", `${scanned}/a`])).stdout === "true\n",
      "the service to be up",
    );
    Deno.kill(scan.pid, "SIGTERM");
    assertEquals((await scan.exited()).code, 0, scan.stderr);
    // tail(1) looks for a file with the name of the service, too, which run gets.
    assertEquals(scan.stderr.replaceAll(/^\/bin\/tail: .*\n/gm, ""), "");
  },
);

testNeeding([unpacked.missing, needsRoot], "unpacked: a user without any right", async () => {
  using place = publicDirectory();
  const directory = `${place.path}/sv`;
  await run([...unpacked.command, "unpack", "-q", directory]);
  const { code, stdout, stderr } = await run(
    [...AS_ORDINARY, `${directory}/sv`, "setlock", "/dev/null", "/usr/bin/env", "-0"],
    { env: { "HOME": "/nonexistent", "A": "1" } },
  );
  assertEquals({ code, stdout, stderr }, {
    code: 0,
    stdout: "HOME=/nonexistent\0A=1\0",
    stderr: "",
  });
});

testForm(unpacked, "a version takes the place of another, and of what is broken", async () => {
  using place = publicDirectory();
  const directory = `${place.path}/sv`;
  await run([...packed.command, "unpack", "-q", directory]);
  const former = names(directory);
  // A former version, one that is broken, and what a killed `sv unpack` leaves.
  await Deno.mkdir(`${directory}/${"0".repeat(20)}`);
  await Deno.mkdir(`${directory}/unpacking.1/x`, { recursive: true });
  const program = former.find((name) =>
    name.length === 20 && !names(`${directory}/${name}`).includes("sv")
  )!;
  await Deno.truncate(`${directory}/${program}/sv.mjs`, 0);
  // What runs from there can lay itself out there, too.
  const { code, stderr } = await run([...packed.command, "unpack", "-q", directory]);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  assertEquals(names(directory), former);
  const again = await run([`${directory}/sv`, "unpack", "-q", directory]);
  assertEquals({ code: again.code, stderr: again.stderr }, { code: 0, stderr: "" });
  assertEquals(names(directory), former);
  assertMatch((await run([`${directory}/sv`, "--version"])).stdout, /^sv /);
});

testForm(unpacked, "sv unpack refuses a directory that is not its own", async () => {
  using place = publicDirectory();
  const refusal = async (directory: string, ...through: string[]) => {
    const { code, stderr } = await run([...through, ...unpacked.command, "unpack", directory]);
    return { code, stderr: stderr.replaceAll(place.path, "DIR") };
  };
  await Deno.mkdir(`${place.path}/full`);
  await Deno.writeTextFile(`${place.path}/full/notes`, "mine\n");
  assertEquals(await refusal(`${place.path}/full`), {
    code: 1,
    stderr:
      "sv unpack: fatal: cannot lay sv out in DIR/full: DIR/full has notes, which 'sv unpack' has not " +
      "put there; name a directory for sv alone\n",
  });
  await Deno.mkdir(`${place.path}/open`);
  await Deno.chmod(`${place.path}/open`, 0o777);
  assertEquals(await refusal(`${place.path}/open`), {
    code: 1,
    stderr: "sv unpack: fatal: cannot lay sv out in DIR/open: other users may write to DIR/open\n",
  });
  await Deno.writeTextFile(`${place.path}/file`, "");
  assertEquals(await refusal(`${place.path}/file`), {
    code: 1,
    stderr: "sv unpack: fatal: cannot lay sv out in DIR/file: it is a file, not a directory\n",
  });
  assertEquals(names(`${place.path}/full`), ["notes"]);
  assertEquals(names(`${place.path}/open`), []);
});

testForm(forms.at(-1)!, "sv unpack of the sources says what to do", async () => {
  const { code, stderr } = await run([...forms.at(-1)!.command, "unpack", "/nonexistent/sv"]);
  assertEquals({ code, stderr }, {
    code: 1,
    stderr:
      "sv unpack: fatal: cannot lay sv out in /nonexistent/sv: this is run from its sources; make an " +
      "executable by scripts/compile first\n",
  });
});

testNeeding(
  [packed.missing, needsRoot],
  "packed: uses what is laid out beside it, if that can't be a stranger's",
  async () => {
    using place = publicDirectory();
    const sv = `${place.path}/sv`;
    await Deno.copyFile(packed.command[0]!, sv);
    await Deno.chmod(sv, 0o755);
    await run([sv, "unpack", "-q", `${sv}.d`]);
    const used = async () => {
      const cache = `${place.path}/cache`;
      const { stdout, stderr } = await run(
        [...AS_ORDINARY, sv, "setlock", "/dev/null", "/bin/sh", "-c", "echo ran"],
        { env: { PATH: "/usr/bin:/bin", XDG_CACHE_HOME: cache, HOME: "/nonexistent" } },
      );
      assertEquals(stdout, "ran\n", stderr);
      const unpacks = names(cache);
      for (const name of unpacks) await Deno.remove(`${cache}/${name}`, { recursive: true });
      return unpacks.length === 0;
    };
    await Deno.mkdir(`${place.path}/cache`);
    await Deno.chown(`${place.path}/cache`, ordinary, ordinary);
    assertEquals(await used(), true, "root's");
    await Deno.chmod(`${sv}.d`, 0o777);
    assertEquals(await used(), false, "others may write to it");
    await Deno.chmod(`${sv}.d`, 0o755);
    await Deno.chown(`${sv}.d`, 1, 1);
    assertEquals(await used(), false, "another user's");
    await Deno.chown(`${sv}.d`, 0, 0);
    await Deno.chown(place.path, 1, 1);
    assertEquals(await used(), false, "another user may rename it");
    await Deno.chown(place.path, 0, 0);
    assertEquals(await used(), true, "root's again");
  },
);
