import { CWD, readFile } from "../../os/file.ts";
import { MAX_INT } from "../../os/limits.ts";
import { decodeOs } from "../../os/os_string.ts";
import { isDead } from "../../os/process.ts";
import type { ReadinessCheck } from "./readiness_check.ts";
import { failure } from "./failure.ts";

/**
 * A check that holds when a file's first line is the id of a process that is alive. A file that an
 * earlier run of the daemon left fails, unless another process has that id by now.
 *
 * Permissions: `ffi`.
 *
 * @param path The file.
 *
 * @example
 * ```ts
 * import { readiness } from "@sv/supervise";
 *
 * const path = `${Deno.makeTempDirSync()}/daemon.pid`;
 * Deno.writeTextFileSync(path, `${Deno.pid}\n`);
 * console.log((await readiness.pollUntilReady(readiness.pidFile(path))).ready); // true
 * ```
 */
export function pidFile(path: string): ReadinessCheck {
  return () => {
    let line: string;
    try {
      line = decodeOs(readFile(CWD, path, 64)).split("\n", 1)[0]!.trim();
    } catch (error) {
      throw failure(error);
    }
    const pid = /^[1-9]\d{0,9}$/.test(line) ? Number(line) : NaN;
    if (!(pid <= MAX_INT)) {
      throw new Error(`${path} holds no process id, but ${JSON.stringify(line)}`);
    }
    if (isDead(pid)) throw new Error(`${path} names process ${pid}, and there is none`);
    return true;
  };
}
