import { assertEquals, assertMatch } from "@std/assert";
import { run } from "../../support/run.ts";

const module = new URL("../../../lib/os/runtime/blocked_signals.ts", import.meta.url);

/** A program with signals blocked; prints what each of its threads has blocked, and what is left of a restart. */
const PROGRAM = `
import { blockSignalsInAllThreads } from "${module}";
blockSignalsInAllThreads();
const masks = [...Deno.readDirSync("/proc/self/task")].map(({ name }) =>
  /^SigBlk:\\s*(\\w+)/m.exec(Deno.readTextFileSync("/proc/self/task/" + name + "/status"))[1]
);
console.log(JSON.stringify({ masks, pid: Deno.pid, left: Deno.env.get("_SV_RESTARTED") ?? null }));
`;

/** Runs the program in the place of a shell, after a command of the shell's. */
async function inPlaceOf(shell: string) {
  const program = [Deno.execPath(), "eval", "--no-config", PROGRAM];
  return await run(["sh", "-c", `echo $$; ${shell} exec "$@"`, "sh", ...program]);
}

Deno.test("signals are blocked in all threads, in the same process, and no trace is left", async () => {
  const { stdout, stderr, code } = await inPlaceOf("");
  assertEquals([stderr, code], ["", 0]);
  const [shell, printed] = stdout.split("\n");
  const { masks, pid, left } = JSON.parse(printed!);
  assertEquals([String(pid), left], [shell, null]);
  for (const mask of masks) assertEquals(BigInt(`0x${mask}`) & 0x7ffb_feffn, 0x7ffb_feffn, mask);
});

Deno.test("a program that finds signals let in after a restart does not start again and again", async () => {
  const { stderr, code } = await inPlaceOf("_SV_RESTARTED=$$");
  assertMatch(stderr, /Cannot block signals: the runtime lets them in again/);
  assertEquals(code, 1);
});

Deno.test("what another program left of its restart does no harm", async () => {
  const { stderr, code } = await inPlaceOf("_SV_RESTARTED=1");
  assertEquals([stderr, code], ["", 0]);
});
