/**
 * The program `sv`.
 *
 * @module
 */

import { dispatch } from "./lib/commands/dispatch.ts";
import { invocation } from "./lib/commands/invocation.ts";
import { exitNow } from "./lib/os/process.ts";

if (import.meta.main) {
  const { argv0, args } = invocation();
  exitNow(await dispatch(argv0, args));
}
