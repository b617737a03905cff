import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { LiveServices } from "../live_services.ts";
import { missingRoot, testNeeding } from "../../support/needs.ts";
import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

const TELL = "umask; ulimit -S -n; ulimit -H -n; ulimit -S -c; cut -d' ' -f19 /proc/self/stat";

/** A oneshot that tells the conditions under which it runs, and a longrun that does. */
function tellers(place: string): Record<string, string> {
  const tell = (file: string) => `{ ${TELL}; } >${place}/${file}`;
  return {
    "o/type": "oneshot\n",
    "o/up": `/bin/sh -c "${tell("up")}"\n`,
    "o/reload": `/bin/sh -c "${tell("reload")}"\n`,
    "l/type": "longrun\n",
    "l/notification-fd": "3\n",
    "l/run": `#!/bin/sh\n${tell("run")}\necho >&3\nexec 3>&-\nexec sleep 1000\n`,
  };
}

testNeeding(
  [missingRoot("to lower niceness again")],
  "a oneshot runs under the conditions of longruns, whoever typed the command",
  async () => {
    await using place = await temporaryDirectory("sv-rc-test-");
    await using services = await LiveServices.start(tellers(place.path));
    const read = (file: string) => Deno.readTextFile(join(place.path, file));
    assertEquals((await services.rc("start", "l")).code, 0);
    const wanted = await read("run");
    assertMatch(wanted, /^0022\n/);
    const typed = (umask: string, nofile: number, nice: number, ...args: string[]) =>
      run([
        "/bin/sh",
        "-c",
        `umask ${umask}; ulimit -S -n ${nofile}; ulimit -S -c 0; exec nice -n ${nice} "$@"`,
        "sh",
        ...args,
      ]);
    for (const [umask, nofile, nice] of [["077", 200, 5], ["000", 300, 0]] as const) {
      const { code, stderr } = await typed(umask, nofile, nice, ...services.command("start", "o"));
      assertEquals([code, stderr], [0, ""]);
      assertEquals(await read("up"), wanted);
      assertEquals(
        (await typed(umask, nofile, nice, ...services.command("reload", "o"))).code,
        0,
      );
      assertEquals(await read("reload"), wanted);
      assertEquals((await services.rc("stop", "o")).code, 0);
    }
  },
);
