import { assertThrows } from "@std/assert";
import { UsageError } from "../../../lib/options/usage_error.ts";
import { scanctlCommand } from "../../../lib/commands/supervision/scanctl.ts";

for (const option of ["--no-wait", "--timeout=1"]) {
  Deno.test(`scanctl ${option} without --upgrade is an error of usage`, () => {
    const name = option.split("=")[0];
    assertThrows(
      () => void scanctlCommand.run(["-a", option, "/nonexistent"]),
      UsageError,
      `${name} is about --upgrade, which is not given`,
    );
  });
}
