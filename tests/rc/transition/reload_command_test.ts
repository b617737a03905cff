import { assertEquals } from "@std/assert";
import { reloadCommand } from "../../../lib/rc/transition/reload_command.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

for (
  const [file, command] of [
    [undefined, "h"],
    ["HUP\n", "h"],
    ["SIGUSR1\n", "1"],
    ["12\nsecond line\n", "2"],
    ["WINCH", "y"],
    // No command sends this signal: the supervisor looks into the file itself.
    ["SIGURG\n", "l"],
    ["no signal\n", "l"],
  ] as const
) {
  const what = file === undefined ? "without reload-signal" : `with ${JSON.stringify(file)} in it`;
  Deno.test(`${what}, a longrun is reloaded by the command ${command}`, async () => {
    await using directory = await temporaryDirectory();
    if (file !== undefined) await Deno.writeTextFile(`${directory.path}/reload-signal`, file);
    assertEquals(reloadCommand(directory.path), command);
  });
}
