import { assertEquals } from "@std/assert";
import { exists } from "@std/fs/exists";
import { sv } from "../../support/program.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { until } from "../../support/until.ts";

/** When the `deno` command begins to listen to SIGUSR1, in milliseconds, with a margin. */
const GRACE = 1500;
/** A line of /proc/net/tcp: 127.0.0.1:9229, listening. */
const DEBUGGER = /^ *\d+: 0100007F:240D \S+ 0A /m;

for (const command of ["supervise", "scan"]) {
  Deno.test(`SIGUSR1 does not make sv ${command} open a debugger's port`, async () => {
    await using place = await temporaryDirectory();
    const [file, ...args] = [...sv, command, place.path];
    const child = new Deno.Command(file!, { args, stdin: "null", stderr: "null" }).spawn();
    const control = command === "scan" ? ".s6-svscan/control" : "supervise/control";
    let ended = false;
    child.status.then(() => ended = true);
    try {
      await until(
        () => exists(`${place.path}/${control}`),
        "it to run",
      );
      await new Promise((resolve) => setTimeout(resolve, GRACE));
      child.kill("SIGUSR1");
      // A port would take a while to open. sv supervise ends by the signal, as s6-supervise does.
      for (let look = 0; look < 20 && !ended; look++) {
        assertEquals(DEBUGGER.test(await Deno.readTextFile("/proc/net/tcp")), false);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      assertEquals(ended, command === "supervise");
    } finally {
      if (!ended) child.kill("SIGKILL");
      await child.status;
    }
  });
}
