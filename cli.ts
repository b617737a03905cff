/**
 * The program `sv`.
 *
 * @module
 */

import { ExitCode } from "./lib/cli/command.ts";
import { dispatch } from "./lib/cli/dispatch.ts";
import { invocation } from "./lib/cli/invocation.ts";
import { commands } from "./lib/commands/registry.ts";
import { withoutCommand } from "./lib/commands/without_command.ts";
import { whyUnsupported } from "./lib/os/platform.ts";
import { exitNow } from "./lib/os/process.ts";

if (import.meta.main) {
  const reason = whyUnsupported(Deno.build);
  if (reason !== undefined) {
    console.error(`sv: fatal: cannot start: ${reason}`);
    Deno.exit(ExitCode.usage);
  }
  const { argv0, args } = invocation();
  exitNow(await dispatch(argv0, args, commands) ?? await withoutCommand(argv0, args));
}
