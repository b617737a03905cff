/** What keeps the packed executable from unpacking is one line on stderr that names path, cause and remedy. */
import { assertEquals, assertMatch } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { missingPrograms, missingRoot, refused, testNeeding } from "../support/needs.ts";
import { type Outcome, packed, publicDirectory, run } from "./forms.ts";

const MOUNTS = ["unshare", "--mount", "/bin/sh", "-ec"];
const needs = [
  packed.missing,
  missingRoot("to mount file systems"),
  Deno.uid() === 0 ? await refused(...MOUNTS, "mount -t tmpfs none /run") : undefined,
];

/** The directories in which it looks for room, beside the one for temporary files. */
const BASES = ["/var/cache", "/run"];

/** What the line ends with. */
const REMEDY =
  /; set XDG_CACHE_HOME to a directory on a disk with \d+ MB, from which programs may be run\n$/;

/**
 * Starts the executable where all that it could unpack into is a file system of its own.
 *
 * @param options The options of these file systems, as for `mount -o`.
 * @param check Gets how it ended, and the directory for temporary files.
 * @param setup Commands of a shell that come first.
 * @param shell The shell that reads the executable; none: its own.
 * @param path Directories that come first in PATH, each with a colon.
 * @param code The exit code that it has to end with.
 */
async function started(
  options: string,
  check: (outcome: Outcome, temporary: string) => void,
  { setup = ":", shell = [], path = "", code = 111 }: {
    setup?: string;
    shell?: readonly string[];
    path?: string;
    code?: number;
  } = {},
): Promise<void> {
  using place = publicDirectory();
  const mounts = [...BASES, place.path].map((base) => `mount -t tmpfs -o ${options} none ${base}`);
  const script = [setup, ...mounts, 'exec "$@"'].join("\n");
  const outcome = await run(
    [...MOUNTS, script, "sh", ...shell, packed.command[0]!, "--version"],
    { env: { PATH: `${path}/usr/sbin:/usr/bin:/bin`, TMPDIR: place.path } },
  );
  assertEquals({ code: outcome.code, stdout: outcome.stdout }, { code, stdout: "" });
  check(outcome, place.path);
}

/** Returns a check that the line gives one reason for each of the directories. */
function oneReasonEach(reason: (directory: string) => RegExp) {
  return ({ stderr }: Outcome, temporary: string): void => {
    assertMatch(
      stderr,
      /^sv-packed: fatal: cannot start: no directory to unpack the runtime into: [^\n]*\n$/,
    );
    assertMatch(stderr, REMEDY);
    const reasons = stderr.replace(/^.*?unpack the runtime into: /, "").replace(REMEDY, "").split(
      "; ",
    );
    assertEquals(reasons.length, BASES.length + 1, stderr);
    [...BASES, temporary].forEach((base, index) => assertMatch(reasons[index]!, reason(base)));
  };
}

testNeeding(needs, "packed: nothing that can be written to", async () => {
  await started("ro", oneReasonEach((base) => new RegExp(`^${base}: Read-only file system$`)));
});

const noexec = oneReasonEach((base) => new RegExp(`^${base}/sv-runtime-0 is mounted noexec$`));
testNeeding(needs, "packed: nothing from which programs may be run", async () => {
  await started("noexec", noexec);
});

testNeeding(
  [...needs, missingPrograms("busybox")],
  "packed: nothing from which programs may be run, found by busybox's shell",
  () => started("noexec", noexec, { shell: ["busybox", "sh"] }),
);

testNeeding(needs, "packed: too little space", async () => {
  const check = (base: string) =>
    new RegExp(`^${base}/sv-runtime-0 has \\d\\d MB left of the \\d+ MB that are needed$`);
  await started("size=20m", oneReasonEach(check));
});

testNeeding(needs, "packed: too little memory for a file system in memory", async () => {
  using place = publicDirectory();
  const file = `${place.path}/meminfo`;
  Deno.writeTextFileSync(
    file,
    "MemTotal:  200000 kB\nMemFree:  190000 kB\nMemAvailable:  60000 kB\n",
  );
  const check = (base: string) =>
    new RegExp(
      `^${base}/sv-runtime-0 is in memory, of which 60 MB are left, and \\d+ MB are needed$`,
    );
  await started("size=200m", oneReasonEach(check), {
    setup: `mount --bind ${file} /proc/meminfo`,
  });
});

const group =
  /^0::/m.test(Deno.readTextFileSync("/proc/self/cgroup")) && existsSync("/sys/fs/cgroup")
    ? undefined
    : "no control groups of version 2";
testNeeding(
  [...needs, group],
  "packed: too little memory left to a control group, not counting what files have there",
  async () => {
    const files = {
      "memory.max": 100 << 20,
      "memory.current": 80 << 20,
      "memory.stat": `anon 1\nfile ${30 << 20}\nshmem ${10 << 20}\n`,
    };
    const setup = [
      "mount -t tmpfs none /sys/fs/cgroup",
      ...Object.entries(files).map(([name, text]) =>
        `printf '%s\\n' '${text}' >/sys/fs/cgroup/${name}`
      ),
    ].join("\n");
    const check = (base: string) =>
      new RegExp(
        `^${base}/sv-runtime-0 is in memory, of which \\S+ has 40 MB left, and \\d+ MB are needed$`,
      );
    await started("size=200m", oneReasonEach(check), { setup });
  },
);

/** Makes a system that has busybox alone, and the executable. */
async function smallSystem(root: string): Promise<void> {
  const script = `mkdir -p "$1/bin" "$1/usr/bin" "$1/dev" "$1/tmp" "$1/lib64"
    cp "$(command -v busybox)" "$1/bin/busybox" && cp "$2" "$1/sv"
    for applet in $("$1/bin/busybox" --list); do ln -s busybox "$1/bin/$applet"; done
    ln -s /bin/busybox "$1/usr/bin/env" && chmod 1777 "$1/tmp" && : >"$1/dev/null"`;
  const { code, stderr } = await run(["/bin/sh", "-c", script, "sh", root, packed.command[0]!]);
  assertEquals(code, 0, stderr);
}

/** Starts the executable in a small system. */
function inside(root: string): Promise<Outcome> {
  return run(["chroot", root, "/sv", "--version"], { env: { PATH: "/usr/sbin:/usr/bin:/bin" } });
}

/** Whether busybox runs where there is no library at all. */
async function isStatic(): Promise<boolean> {
  using place = publicDirectory();
  const script = `cp "$(command -v busybox)" "$1/busybox" && exec chroot "$1" /busybox true`;
  return (await run(["/bin/sh", "-c", script, "sh", place.path])).code === 0;
}

const busybox = [
  ...needs,
  missingPrograms("busybox") ??
    (Deno.uid() === 0 && !await isStatic() ? "busybox is not static" : undefined),
];

testNeeding(busybox, "packed: a system without glibc", async () => {
  using place = publicDirectory();
  await smallSystem(place.path);
  const { code, stdout, stderr } = await inside(place.path);
  assertEquals({ code, stdout }, { code: 100, stdout: "" });
  assertMatch(
    stderr,
    /^sv: fatal: cannot start: \/lib\S+ is missing: this system has no glibc, which the runtime needs [^\n]*; run it on [^\n]*\n$/,
  );
});

testNeeding(needs, "packed: a system that is not Linux", async () => {
  using place = publicDirectory();
  const script = '#!/bin/sh\n[ "$*" != -s ] || { echo Darwin; exit; }\nexec /usr/bin/uname "$@"\n';
  await Deno.writeTextFile(`${place.path}/uname`, script, { mode: 0o755 });
  const check = ({ stderr }: Outcome) =>
    assertEquals(
      stderr,
      "sv-packed: fatal: cannot start: this system is Darwin, and sv needs the kernel of Linux; run it " +
        "on Linux, in a container or a virtual machine say\n",
    );
  await started("size=200m", check, { path: `${place.path}:`, code: 100 });
});

testNeeding(busybox, "packed: a system without a library that the runtime needs", async () => {
  using place = publicDirectory();
  await smallSystem(place.path);
  const linker = /\/lib\S*\/ld-linux\S+/.exec((await run(["ldd", "/bin/sh"])).stdout)![0];
  await Deno.mkdir(`${place.path}${linker.slice(0, linker.lastIndexOf("/"))}`, { recursive: true });
  await Deno.copyFile(await Deno.realPath(linker), `${place.path}${linker}`);
  const { code, stdout, stderr } = await inside(place.path);
  assertEquals({ code, stdout }, { code: 100, stdout: "" });
  assertMatch(
    stderr,
    /^sv: fatal: cannot start: the runtime does not run on this system: [^\n]*lib\S+\.so\S*: cannot open shared object file[^\n]*; it needs glibc [^\n]*\n$/,
  );
  assertEquals([...Deno.readDirSync(`${place.path}/tmp`)], []);
});
