import { assertEquals, assertThrows } from "@std/assert";
import { CWD, Descriptor, Open, open } from "../../lib/os/file.ts";
import { openFiles, setSoftOpenFiles } from "../../lib/os/limits.ts";
import { SystemError } from "../../lib/os/system_error.ts";
import { ServiceConfig } from "../../lib/servicedir/config.ts";
import { type Files, writeFiles } from "../support/files.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

/** Makes a service directory with these files, and checks its configuration. */
async function configured(
  files: Files,
  check: (config: ServiceConfig, warnings: string[]) => void,
): Promise<void> {
  await using place = await temporaryDirectory();
  await writeFiles(place.path, files);
  using directory = new Descriptor(open(CWD, place.path, Open.PATH));
  const warnings: string[] = [];
  check(new ServiceConfig(directory.fd, (message) => warnings.push(message)), warnings);
}

/** Returns all values of a configuration. */
function values(config: ServiceConfig) {
  const { down, newPidNamespace, killGroup, downSignal, reloadSignal } = config;
  const { killTimeout, finishTimeout, maxDeaths } = config;
  return {
    ...{ down, newPidNamespace, killGroup, downSignal, reloadSignal },
    ...{ killTimeout, finishTimeout, maxDeaths },
    notificationFd: config.notificationFd(100),
    lockFd: config.lockFd(100),
  };
}

const DEFAULTS = {
  ...{ down: false, newPidNamespace: false, killGroup: false, downSignal: 15, reloadSignal: 1 },
  ...{ killTimeout: 0, finishTimeout: 5000, maxDeaths: 100 },
  notificationFd: undefined,
  lockFd: undefined,
};

Deno.test("without files everything is as the protocol says, and there is no warning", () =>
  configured({}, (config, warnings) => {
    assertEquals(values(config), DEFAULTS);
    assertEquals(warnings, []);
  }));

Deno.test("each file is read up to the end of its first line", () =>
  configured({
    ...{ "down": "", "flag-newpidns": "", "flag-timeout-killpg": "" },
    ...{ "down-signal": "SIGUSR1\n", "reload-signal": "2\nHUP\n", "timeout-kill": "4294967295" },
    ...{ "timeout-finish": "0\n", "max-death-tally": "9999\n" },
    ...{ "notification-fd": "3\n", "lock-fd": "99\nmore\n" },
  }, (config, warnings) => {
    assertEquals(values(config), {
      ...{ down: true, newPidNamespace: true, killGroup: true, downSignal: 10, reloadSignal: 2 },
      ...{ killTimeout: 4_294_967_295, finishTimeout: 0, maxDeaths: 4096 },
      ...{ notificationFd: 3, lockFd: 99 },
    });
    assertEquals(warnings, []);
  }));

Deno.test("a file that is not valid is warned about, and counts as absent", () =>
  configured({
    ...{ "down-signal": "SIGNONE\n", "reload-signal": "0\n", "timeout-kill": "-1\n" },
    ...{ "timeout-finish": "5 s\n", "max-death-tally": "\n" },
    ...{ "notification-fd": "0\n", "lock-fd": "100\n" },
  }, (config, warnings) => {
    assertEquals(values(config), DEFAULTS);
    assertEquals(warnings, [
      ...[["down-signal", "SIGNONE"], ["reload-signal", "0"]].map(([file, line]) =>
        `invalid ${file}: "${line}" is no signal; going on as if it were absent`
      ),
      ...[
        ["timeout-kill", "-1", "0 to 4294967295"],
        ["timeout-finish", "5 s", "0 to 4294967295"],
        ["max-death-tally", "", "0 to 4294967295"],
        ["notification-fd", "0", "1 to 99"],
        ["lock-fd", "100", "1 to 99"],
      ].map(([file, line, range]) =>
        `invalid ${file}: "${line}" is not an integer from ${range}; going on as if it were absent`
      ),
    ]);
  }));

Deno.test("an edit takes effect when the value is asked for the next time", async () => {
  await using place = await temporaryDirectory();
  using directory = new Descriptor(open(CWD, place.path, Open.PATH));
  const config = new ServiceConfig(directory.fd, () => {});
  for (const timeout of [1, 2]) {
    await writeFiles(place.path, { "timeout-kill": `${timeout}\n` });
    assertEquals(config.killTimeout, timeout);
  }
});

Deno.test("a descriptor of a start is not absent because this process has none left to read it", () =>
  configured(
    { "notification-fd": "3\n", "lock-fd": "4\n", "timeout-kill": "7\n" },
    (config, warnings) => {
      const { soft } = openFiles();
      setSoftOpenFiles(3);
      try {
        assertThrows(() => config.notificationFd(100, true), SystemError, "notification-fd");
        assertThrows(() => config.lockFd(100, true), SystemError, "Too many open files");
        assertEquals(config.killTimeout, 0);
      } finally {
        setSoftOpenFiles(soft);
      }
      assertEquals(warnings, [
        "cannot read timeout-kill: Too many open files; going on as if it were absent",
      ]);
      assertEquals([config.notificationFd(100, true), config.lockFd(100, true)], [3, 4]);
    },
  ));
