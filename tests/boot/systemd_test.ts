/** The unit of systemd: by systemd's own check, and booted under a systemd of its own. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { systemdUnit } from "../../lib/boot/systemd.ts";
import { DEADLINE } from "../support/deadline.ts";
import { missingPrograms, missingRoot, needing, refused } from "../support/needs.ts";
import { sv } from "../support/program.ts";
import { run } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const settings = {
  sv: sv.length === 1 ? sv : ["/bin/sh"],
  scandir: "/run/service",
  services: undefined,
  watchdog: 60,
  awaitServices: false,
};

const noAnalyze = missingPrograms("systemd-analyze");

for (
  const [what, changes] of Object.entries({
    "as it is by default": {},
    "with services, awaited, without signs of life": {
      services: "/etc/sv",
      watchdog: 0,
      awaitServices: true,
    },
    "with names that need quotes": { scandir: '/srv/a b/%n$x"', services: "/etc/a'b c" },
  })
) {
  const name = `systemd-analyze verify has nothing to say of the unit ${what}`;
  Deno.test({
    ...needing([noAnalyze], name),
    async fn() {
      await using directory = await temporaryDirectory();
      const path = `${directory.path}/sv.service`;
      await Deno.writeTextFile(path, systemdUnit({ ...settings, ...changes }));
      const { code, stderr, stdout } = await run(["systemd-analyze", "verify", path]);
      // It looks at other units of the machine, too.
      const about = stderr.split("\n").filter((line) => line.includes("sv.service"));
      assertEquals([code, stdout, about], [0, "", []]);
    },
  });
}

Deno.test("the unit makes what is not under /run, and links services", () => {
  const plain = systemdUnit(settings);
  assertMatch(plain, /^RuntimeDirectory=service$/m);
  assertEquals(plain.includes("ExecStartPre"), false);
  const other = systemdUnit({ ...settings, scandir: "/srv/scan", services: "/etc/sv" });
  assertEquals(/^RuntimeDirectory=/m.test(other), false);
  assertStringIncludes(
    other,
    'ExecStartPre=/bin/sh -c "mkdir -p /srv/scan; ln -sf /etc/sv/* /srv/scan/ || :"\n',
  );
  assertMatch(systemdUnit({ ...settings, awaitServices: true }), /^TimeoutStartSec=infinity$/m);
  assertEquals(systemdUnit({ ...settings, watchdog: 0 }).includes("WatchdogSec"), false);
});

/** Finds where cgroups of version 2 are mounted. */
function unifiedCgroups(): string | undefined {
  const line = Deno.readTextFileSync("/proc/mounts").split("\n")
    .find((line) => line.split(" ")[2] === "cgroup2");
  return line?.split(" ")[1];
}

/**
 * Boots a systemd as process 1 of namespaces of its own, with no units but those of a directory. The script `driver`
 * in it writes the file `done` in the end. Of the machine this systemd may change nothing, its log included.
 *
 *     sh -c BOOT sh CGROUPS DIRECTORY TENTHS
 */
const BOOT = `
group=$1/sv-test-$$ dir=$2 tenths=$3
mkdir "$group" || exit 1
echo $$ >"$group/cgroup.procs" || exit 1
unshare --fork --pid --mount --uts --ipc --net --cgroup --kill-child sh -ec '
  mount --make-rprivate /
  # The directory may itself be in /run.
  mount --bind "$1" /mnt
  mount -t tmpfs tmpfs /run
  mkdir -p "$1"
  mount --move /mnt "$1"
  mount -t proc proc /proc
  mount --bind /proc/sys /proc/sys
  mount -o remount,bind,ro /proc/sys
  umount -R /sys/fs/cgroup 2>/dev/null || :
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  [ ! -e /dev/console ] || mount --bind /dev/null /dev/console
  [ ! -e /dev/kmsg ] || mount --bind "$1/log" /dev/kmsg
  # They look at what the machine has.
  for generators in /lib/systemd/system-generators /lib/systemd/system-environment-generators; do
    [ ! -d $generators ] || mount -t tmpfs tmpfs $generators
  done
  mount -o remount,bind,ro /
  export container=test SYSTEMD_UNIT_PATH="$1/units"
  exec /lib/systemd/systemd --system --unit=test.target --log-target=kmsg --show-status=no
' sh "$dir" >"$dir/log" 2>&1 &
systemd=$!
until [ -e "$dir/done" ] || [ "$tenths" = 0 ]; do
  kill -0 $systemd 2>/dev/null || break
  sleep 0.1
  tenths=$((tenths - 1))
done
kill -KILL $systemd 2>/dev/null
wait $systemd 2>/dev/null
echo $$ >"$1/cgroup.procs"
for i in $(seq 600); do
  find "$group" -depth -type d -exec rmdir {} + 2>/dev/null
  [ -d "$group" ] || break
  sleep 0.1
done
tail -n 30 "$dir/log" >&2
[ -e "$dir/done" ]
`;

const UNITS = {
  "test.target": `[Unit]
DefaultDependencies=no
Wants=driver.service
`,
  "driver.service": `[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
TimeoutStartSec=infinity
ExecStart=/bin/sh DIR/driver
`,
};

/** Boots a systemd that runs a script, and returns what that has written. */
async function boot(
  directory: string,
  driver: string,
  { seconds, units = {} }: { seconds: number; units?: Record<string, string> },
) {
  await Deno.mkdir(`${directory}/units`, { recursive: true });
  for (const [name, text] of Object.entries({ ...UNITS, ...units })) {
    await Deno.writeTextFile(`${directory}/units/${name}`, text.replaceAll("DIR", directory));
  }
  const script = `exec >${directory}/out 2>&1\n${driver}\n`;
  await Deno.writeTextFile(
    `${directory}/driver`,
    `(${script.trimEnd()}\n)\n: >${directory}/done\n`,
  );
  const words = [unifiedCgroups() ?? "/sys/fs/cgroup", directory, String(10 * seconds)];
  const deadline = 2000 * (seconds + 10);
  const { code, stderr } = await run(["sh", "-c", BOOT, "sh", ...words], { deadline });
  const out = await Deno.readTextFile(`${directory}/out`).catch(() => "");
  return { code, stderr, out };
}

/** Returns why a systemd can't be booted here. */
async function noSystemd(): Promise<string | undefined> {
  const lacking = missingRoot("to boot a systemd") ??
    missingPrograms("unshare", "systemctl", "systemd") ??
    (sv.length === 1 ? undefined : "dist/sv has not been built") ??
    (unifiedCgroups() === undefined ? "no control groups of version 2" : undefined) ??
    await refused("unshare", "--pid", "--mount", "--cgroup", "--net", "--fork", "true");
  if (lacking !== undefined) return lacking;
  await using directory = await temporaryDirectory();
  const { code, out, stderr } = await boot(
    directory.path,
    "echo booted; systemctl is-active init.scope",
    { seconds: 20 },
  );
  return code === 0 && out === "booted\nactive\n"
    ? undefined
    : `no systemd can be booted: ${stderr.split("\n")[0] || out.split("\n")[0]}`;
}

const DRIVER = `
systemctl start sv.service; echo "start $?"
systemctl show -P ActiveState sv.service
for i in $(seq 1200); do
  status=$(systemctl show -P StatusText sv.service)
  [ "$status" = "1 of 1 services ready" ] && break
  sleep 0.1
done
echo "$status"
scan=$(systemctl show -P MainPID sv.service)
web=$(cat DIR/services/web/pid)
systemctl reload sv.service; echo "reload $?"
[ "$(systemctl show -P MainPID sv.service)" = "$scan" ] && echo the same scan
[ "$scan" -gt 1 ] || exit 1
kill -KILL "$scan"
for i in $(seq 1200); do
  next=$(systemctl show -P MainPID sv.service)
  [ "$next" != 0 ] && [ "$next" != "$scan" ] &&
    [ "$(systemctl show -P ActiveState sv.service)" = active ] && break
  sleep 0.1
done
[ "$next" != "$scan" ] && echo another scan
[ "$(cat DIR/services/web/pid)" = "$web" ] && kill -0 "$web" && echo the same service
systemctl stop sv.service; echo "stop $?"
systemctl show -P Result sv.service
# It is process 1's child since its first scan was killed, and gone when that has reaped it.
for i in $(seq 1200); do
  kill -0 "$web" 2>/dev/null || break
  sleep 0.1
done
kill -0 "$web" 2>/dev/null || echo no service
`;

Deno.test({
  ...needing(
    [await noSystemd()],
    "under a real systemd: start, status, reload, kill -9, stop",
  ),
  async fn() {
    await using directory = await temporaryDirectory();
    const service = `${directory.path}/services/web`;
    await Deno.mkdir(service, { recursive: true });
    const script = "#!/bin/sh\necho $$ >pid\necho >&3\nexec sleep 100000\n";
    await Deno.writeTextFile(`${service}/run`, script, { mode: 0o755 });
    await Deno.writeTextFile(`${service}/notification-fd`, "3\n");
    const unit = systemdUnit({
      ...settings,
      services: `${directory.path}/services`,
      awaitServices: true,
    });
    // The units that these settings name are not there.
    const alone = unit.replace("[Unit]", "[Unit]\nDefaultDependencies=no");
    const driver = DRIVER.replaceAll("DIR", directory.path);
    const { out, stderr } = await boot(directory.path, driver, {
      seconds: 4 * DEADLINE / 1000,
      units: { "sv.service": alone },
    });
    assertEquals(
      out,
      "start 0\nactive\n1 of 1 services ready\nreload 0\nthe same scan\nanother scan\n" +
        "the same service\nstop 0\nsuccess\nno service\n",
      stderr,
    );
  },
});
