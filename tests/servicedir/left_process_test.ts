import { assertEquals } from "@std/assert";
import { leftProcess } from "../../lib/servicedir/left_process.ts";
import { missingPrograms, testNeeding } from "../support/needs.ts";
import { svCommand } from "../support/program.ts";
import { gone, readyService, ScanDirectory } from "../support/scan_directory.ts";

for (const [name, command] of [["sv", svCommand("supervise")], ["s6", ["s6-supervise"]]] as const) {
  testNeeding(
    [name === "s6" ? missingPrograms("s6-supervise") : undefined],
    `the process that a supervisor of ${name} has left is known until it ends`,
    async () => {
      await using directory = await ScanDirectory.make({ a: readyService });
      const path = directory.service("a");
      assertEquals(leftProcess(path), undefined, "never supervised");
      const [program, ...args] = [...command, path];
      const supervisor = new Deno.Command(program!, { args, stderr: "null" }).spawn();
      const { pid } = await directory.ready("a");
      supervisor.kill("SIGKILL");
      await supervisor.status;
      assertEquals(leftProcess(path), pid);
      Deno.kill(pid, "SIGKILL");
      await gone(pid);
      assertEquals(leftProcess(path), undefined);
    },
  );
}
