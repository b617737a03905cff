import { assertEquals } from "@std/assert";
import {
  findRecorded,
  recordProcess,
  recordStart,
  removeRecord,
} from "../../lib/scan/main_command_record.ts";
import { statOf } from "../../lib/os/process_stat.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

/** Runs a test with a control directory in the working directory. */
async function inScanDirectory(test: () => Promise<void> | void): Promise<void> {
  await using directory = await temporaryDirectory();
  const before = Deno.cwd();
  await Deno.mkdir(`${directory.path}/.s6-svscan`);
  Deno.chdir(directory.path);
  try {
    await test();
  } finally {
    Deno.chdir(before);
  }
}

/** Starts a program as an orphan of this session, which waits for its stdin to be closed. */
async function orphan(): Promise<{ pid: number; end: () => Promise<void> }> {
  const child = new Deno.Command("sh", {
    // The shell in the background has no job control, so it stays in the session.
    args: ["-c", "exec 3<&0; cat <&3 >/dev/null & echo $!"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const pid = Number((await reader.read()).value);
  await child.status;
  return {
    pid,
    async end() {
      await child.stdin.close();
      await reader.cancel();
    },
  };
}

Deno.test("a process is found as long as it runs, and no other with its number", () =>
  inScanDirectory(async () => {
    assertEquals(findRecorded(), []);
    const child = new Deno.Command("sleep", { args: ["1000"] }).spawn();
    recordProcess(child.pid);
    assertEquals(findRecorded(), [child.pid]);
    const line = await Deno.readTextFile(".s6-svscan/command");
    await Deno.writeTextFile(".s6-svscan/command", line.replace(/ (\d+)/, (_, t) => ` ${t - 1}`));
    assertEquals(findRecorded(), []);
    await Deno.writeTextFile(".s6-svscan/command", line);
    child.kill("SIGKILL");
    await child.status;
    assertEquals(findRecorded(), []);
    await Deno.writeTextFile(".s6-svscan/command", "damaged\n");
    assertEquals(findRecorded(), []);
    removeRecord();
    removeRecord();
  }));

Deno.test("a process that was started and not recorded is found among the orphans", () =>
  inScanDirectory(async () => {
    recordStart();
    const { end, pid } = await orphan();
    // Where this session has a subreaper of its own, the process is no orphan but a child of that.
    const { parent, session } = statOf(pid)!;
    const isOrphan = parent === 1 || statOf(parent)!.session !== session;
    assertEquals(findRecorded().includes(pid), isOrphan, `a child of ${parent}`);
    // What this process has started itself is no orphan.
    const child = new Deno.Command("sleep", { args: ["1000"] }).spawn();
    assertEquals(findRecorded().includes(child.pid), false);
    child.kill("SIGKILL");
    await child.status;
    await end();
  }));
