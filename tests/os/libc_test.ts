import { assertEquals } from "@std/assert";
import { errnoNow, libc } from "../../lib/os/libc.ts";
import { CWD } from "../../lib/os/file.ts";
import { cString } from "../../lib/os/os_string.ts";
import { confirmed } from "../../lib/os/runtime/confirmed.ts";
import { Errno } from "../../lib/os/system_error.ts";
import { missingPrograms, refused, testNeeding } from "../support/needs.ts";
import { run } from "../support/run.ts";

/** Does what the runtime does at times behind a call: makes another one, which fails for another reason. */
function disturb(): void {
  assertEquals(libc.openat(CWD, cString("/there/is/no/such/file"), 0, 0), -1);
  assertEquals(errnoNow(), Errno.ENOENT);
}

Deno.test("why a call failed is known, whatever the runtime does behind it", () => {
  for (const disturbed of [[], [1], [2], [1, 3]]) {
    let calls = 0;
    const result = confirmed(() => {
      const closed = libc.close(-1);
      if (disturbed.includes(++calls)) disturb();
      return closed;
    }, errnoNow);
    assertEquals([result, errnoNow()], [-1, Errno.EBADF], `disturbed: ${disturbed}`);
  }
});

Deno.test("a call that does not fail is made once", () => {
  let calls = 0;
  assertEquals(confirmed(() => ++calls, errnoNow), 1);
  assertEquals(calls, 1);
});

const strace = [missingPrograms("strace"), await refused("strace", "-o", "/dev/null", "true")];

const module = new URL("../../lib/os/libc.ts", import.meta.url);

Deno.test("why the very first call failed is known", async () => {
  const program = `import { errnoNow, libc } from "${module}";` +
    'console.log(libc.openat(-100, new TextEncoder().encode("/no/such\\0"), 0, 0), errnoNow());';
  const { stdout } = await run([Deno.execPath(), "eval", "--no-config", program]);
  assertEquals(stdout, `-1 ${Errno.ENOENT}\n`);
});

testNeeding(strace, "a wait that a signal interrupts is not made again", async () => {
  const program = `import { errnoNow, libc } from "${module}";` +
    'Deno.addSignalListener("SIGUSR2", () => {});' +
    'const kills = "while kill -USR2 $PPID 2>/dev/null; do sleep 0.1; done";' +
    'new Deno.Command("sh", { args: ["-c", kills] }).spawn();' +
    "console.log(libc.poll(new Uint8Array(8), 0n, 17777), errnoNow()); Deno.exit();";
  const { stdout, stderr } = await run([
    ...["strace", "-f", "-qq", "-e", "trace=poll,ppoll", "-e", "signal=none"],
    ...[Deno.execPath(), "eval", "--no-config", program],
  ]);
  assertEquals(stdout, `-1 ${Errno.EINTR}\n`);
  assertEquals(stderr.match(/poll\(.*17777|poll\(.*tv_sec=17, tv_nsec=777/g)?.length, 1, stderr);
});

testNeeding(strace, "the kernel gets a failed close(2) once, and others again", async () => {
  // Where errno is, is looked up after the first failure of a call that may be repeated: it does not count.
  const program = `import { libc } from "${module}"; libc.close(654321);` +
    "libc.lseek(654321, 0n, 0); libc.lseek(654321, 1n, 0);";
  const traced = await run([
    ...["strace", "-f", "-qq", "-e", "trace=close,lseek", "-e", "signal=none"],
    ...[Deno.execPath(), "eval", "--no-config", program],
  ]);
  const calls = traced.stderr.match(/\w+\(654321(, \d)?/g);
  assertEquals(calls, [
    "close(654321",
    ...["lseek(654321, 0", "lseek(654321, 0", "lseek(654321, 0"],
    ...["lseek(654321, 1", "lseek(654321, 1"],
  ]);
});

Deno.test("where many calls are expected, a function is compiled at its next call, and once", async () => {
  const module = new URL("../../lib/os/expect_many_calls.ts", import.meta.url);
  const program = `
    let compiled = 0;
    const compile = Deno.dlopen;
    Deno.dlopen = (...args) => { compiled++; return compile(...args); };
    const { libc } = await import("${new URL("libc.ts", module)}");
    const { expectManyCalls } = await import("${module}");
    const { getuid } = libc;
    const calls = () => { compiled = 0; const id = [getuid(), libc.getuid(), libc.geteuid()]; return [...id, compiled]; };
    const before = calls();
    expectManyCalls();
    console.log(JSON.stringify([before, calls(), calls()]));
  `;
  const { stdout } = await run([Deno.execPath(), "eval", "--no-config", program]);
  const ids = [Deno.uid(), Deno.uid(), Deno.uid()];
  // Before: by pointer. Then both are compiled, also where the function that was bound first is called on.
  assertEquals(JSON.parse(stdout), [[...ids, 0], [...ids, 2], [...ids, 0]]);
});
