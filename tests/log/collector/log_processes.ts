import { processesIn } from "../../support/processes.ts";

/** Returns the log processes that work in a scan directory. */
export async function logProcesses(directory: string): Promise<number[]> {
  return (await processesIn(directory)).filter((pid) => {
    try {
      return Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0").includes("--collect");
    } catch {
      // It has just ended.
      return false;
    }
  });
}
