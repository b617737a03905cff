/**
 * Becomes a program that can't make code while it runs, nor can what it starts, as under systemd's
 * `MemoryDenyWriteExecute=`: `deny_code.ts PROGRAM ARGUMENTS`.
 *
 * @module
 */

import { libc } from "../../lib/os/libc.ts";
import { exec } from "../../lib/os/spawn/exec.ts";

const PR_SET_MDWE = 65;
const PR_MDWE_REFUSE_EXEC_GAIN = 1n;

// Bound before that is denied.
exec(["/nonexistent"]);
if (libc.prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0n, 0n, 0n) !== 0) {
  console.error("the kernel can't deny that (Linux 6.3 or newer can)");
  Deno.exit(1);
}
console.error(exec(Deno.args).message);
Deno.exit(1);
