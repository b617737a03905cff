/** The recipes of docs/deploy.md and of examples/container. */
import { assertEquals, assertMatch } from "@std/assert";
import { basename } from "@std/path";
import { writeFiles } from "../support/files.ts";
import { type Missing, missingPrograms } from "../support/needs.ts";
import { sv } from "../support/program.ts";
import { run } from "../support/run.ts";

/** What the recipes are taken and run by. */
export interface Recipes {
  /** Takes the one recipe of a page that has these words. */
  recipe(page: string, words: string): string;
  /** Registers a test in a directory in which a shell runs recipes, each until its first failure. */
  testCommands(
    name: string,
    needs: readonly Missing[],
    test: (place: string, shell: (text: string) => string[]) => Promise<void>,
  ): void;
}

const page = "docs/deploy.md";

/** Only an executable can be installed. */
const executable = sv.length === 1 && basename(sv[0]!).startsWith("sv")
  ? undefined
  : "sv is not built";

/** Takes the place of scripts/compile, which the suite has run already. */
const COMPILE = `#!/bin/sh\nmkdir -p dist\ncp "${sv[0]}" dist/sv\n`;

/** Stands in for the program that the page calls `web`. */
const WEB = "#!/usr/bin/perl\nuse IO::Socket::INET;\n" +
  'my $at = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 8080, Listen => 9) or die;\n' +
  'while (my $with = $at->accept) { sysread $with, $_, 4096; print $with "HTTP/1.0 200 OK\\r\\n\\r\\n" }\n';

/** Stands in for a program of an init: says how it was called. */
const INIT = '#!/bin/sh\necho "${0##*/} $*"\n';

/** Registers the test of what has an init start the scan. */
function testBoot({ recipe, testCommands }: Recipes): void {
  const inits = ["systemd", "openrc", "runit", "inittab", "s6-linux-init"];
  const recipes = inits.map((init) => recipe(page, `sv boot ${init} `));
  testCommands(`${page}: the inits that start a scan`, [], async (place, shell) => {
    const programs = ["systemctl", "rc-update", "rc-service", "telinit"];
    await writeFiles(
      `${place}/bin`,
      Object.fromEntries(programs.map((name) => [name, INIT])),
      0o755,
    );
    for (const path of ["systemd/system", "init.d"]) {
      await Deno.mkdir(`${place}/etc/${path}`, { recursive: true });
    }
    // A link on some machines.
    const services = "[ -d /etc/service ] || { rm -f /etc/service; mkdir /etc/service; }\n";
    const written =
      "cd /etc; grep -c ^ExecStart= systemd/system/sv.service; ls -L service/sv-scan; " +
      "for file in init.d/sv service/sv-scan/run s6-linux-init/current/run-image/service/sv-scan/run; do " +
      "test -x $file; sh -n $file; done; grep -c '^SV:2345:respawn:' inittab; ls \"$place\"\n";
    const { code, stdout, stderr } = await run(shell(services + recipes.join("") + written), {
      cwd: place,
    });
    assertEquals([code, stderr], [0, ""]);
    assertEquals(stdout.split("\n").slice(0, -1), [
      "systemctl daemon-reload",
      "systemctl enable --now sv",
      "rc-update add sv default",
      "rc-service sv start",
      "telinit q",
      "1",
      "run",
      "1",
      "notification-fd",
      "run",
      "timeout-kill",
    ]);
  });
}

/** Registers the tests. */
export function testDeployment({ recipe, testCommands }: Recipes): void {
  testBoot({ recipe, testCommands });
  const [compiled, laidOut, first, probes, upgraded, removed] = [
    "sv --version",
    "dist/sv unpack /opt/sv",
    "sv new /etc/sv/web",
    "curl -fsS",
    "sv scanctl --upgrade",
    "rm -rf /usr/local/bin/sv",
  ].map((words) => recipe(page, words)) as [string, string, string, string, string, string];

  testCommands(
    `${page}: installed, laid out, a first service, probes, an upgrade, a removal`,
    [executable, missingPrograms("curl")],
    async (place, shell) => {
      await writeFiles(place, { "scripts/compile": COMPILE, "bin/web": WEB }, 0o755);
      for (const name of ["opt", "etc", "home", "cache"]) await Deno.mkdir(`${place}/${name}`);
      const { code, stdout, stderr } = await run(
        shell(
          `${compiled}${laidOut}${first}${probes}` +
            `before=$(sv stat -o pid /run/service/web)\n${upgraded}` +
            'test "$(sv stat -o pid /run/service/web)" = "$before"\n' +
            `${removed}wait; echo left:; find /usr/local/bin /run /opt cache -mindepth 1 -maxdepth 1\n`,
        ),
        { cwd: place, env: { XDG_CACHE_HOME: `${place}/cache` } },
      );
      assertEquals(code, 0, stderr);
      const version = "\\d+\\.\\d+\\.\\d+";
      assertMatch(stdout, new RegExp(`^sv ${version}\n`));
      assertMatch(stdout, /^web +ready /m);
      assertMatch(
        stdout,
        new RegExp(`\nupgraded the scan of /run/service from sv ${version} to sv ${version}\n`),
      );
      const left = stdout.slice(stdout.indexOf("left:\n") + 6).trim().split("\n");
      // mount(8) keeps notes in /run; the place itself is there where /dev/shm does not do.
      const others = ["mount", basename(place)];
      assertEquals(left.filter((path) => !others.includes(basename(path))), [
        "/usr/local/bin/web",
      ]);
    },
  );
}
