import { assertEquals } from "@std/assert";
import { lastErrno, libc } from "../../lib/os/libc.ts";
import { CWD } from "../../lib/os/file.ts";
import { cString } from "../../lib/os/os_string.ts";
import { Errno } from "../../lib/os/system_error.ts";
import { missingPrograms, refused, testNeeding } from "../support/needs.ts";
import { run } from "../support/run.ts";
import { makeSure } from "./runtime/make_sure.ts";

/** Does what the runtime does at times behind a call: makes another one, which fails for another reason. */
function disturb(): void {
  assertEquals(libc.openat(CWD, cString("/there/is/no/such/file"), 0, 0), -1);
  assertEquals(lastErrno(), Errno.ENOENT);
}

Deno.test("why a call failed is known, whatever the runtime does behind it", () => {
  for (const disturbed of [[], [1], [2], [1, 3]]) {
    let calls = 0;
    const result = makeSure(() => {
      const closed = libc.close(-1);
      if (disturbed.includes(++calls)) disturb();
      return closed;
    }, lastErrno);
    assertEquals([result, lastErrno()], [-1, Errno.EBADF], `disturbed: ${disturbed}`);
  }
});

const strace = [missingPrograms("strace"), await refused("strace", "-o", "/dev/null", "true")];

const module = new URL("../../lib/os/libc.ts", import.meta.url);

Deno.test("why the very first call failed is known", async () => {
  const program = `import { lastErrno, libc } from "${module}";` +
    'console.log(libc.openat(-100, new TextEncoder().encode("/no/such\\0"), 0, 0), lastErrno());';
  const { stdout } = await run([Deno.execPath(), "eval", "--no-config", program]);
  assertEquals(stdout, `-1 ${Errno.ENOENT}\n`);
});

testNeeding(strace, "a wait that a signal interrupts is not made again", async () => {
  const program = `import { lastErrno, libc } from "${module}";` +
    'Deno.addSignalListener("SIGUSR2", () => {});' +
    'const kills = "while kill -USR2 $PPID 2>/dev/null; do sleep 0.1; done";' +
    'new Deno.Command("sh", { args: ["-c", kills] }).spawn();' +
    "console.log(libc.poll(new Uint8Array(8), 0n, 17777), lastErrno()); Deno.exit();";
  const { stdout, stderr } = await run([
    ...["strace", "-f", "-qq", "-e", "trace=poll,ppoll", "-e", "signal=none"],
    ...[Deno.execPath(), "eval", "--no-config", program],
  ]);
  assertEquals(stdout, `-1 ${Errno.EINTR}\n`);
  assertEquals(stderr.match(/poll\(.*17777|poll\(.*tv_sec=17, tv_nsec=777/g)?.length, 1, stderr);
});

/** Makes calls that fail, and one that does not. Returns those that the kernel got. */
async function madeCalls(first: string, flags: string): Promise<RegExpMatchArray | null> {
  const program = `import { libc, trustErrno } from "${module}"; ${first} libc.close(654321);` +
    'libc.openat(654321, new TextEncoder().encode("no\\0"), 0, 0); libc.lseek(654321, 1n, 0);' +
    'libc.openat(-100, new TextEncoder().encode("/dev/null\\0"), 0, 0);';
  const traced = await run([
    ...["strace", "-f", "-qq", "-e", "trace=close,openat,lseek", "-e", "signal=none"],
    ...[Deno.execPath(), "eval", "--no-config", flags, program],
  ]);
  return traced.stderr.match(/\w+\(654321|AT_FDCWD, "\/dev\/null", O_RDONLY\)/g);
}

testNeeding(strace, "the kernel gets a failed close(2) once, and others again", async () => {
  const calls = [
    "close(654321",
    ...["openat(654321", "openat(654321"],
    ...["lseek(654321", "lseek(654321"],
    'AT_FDCWD, "/dev/null", O_RDONLY)',
  ];
  assertEquals(await madeCalls("", "--quiet"), calls);
  assertEquals(await madeCalls("trustErrno();", "--v8-flags=--jitless"), calls);
});

testNeeding(
  strace,
  "where errno is trusted, a failed call is made again only if Deno makes a big integer of its result",
  async () => {
    assertEquals(await madeCalls("trustErrno();", "--v8-flags=--single-threaded"), [
      "close(654321",
      "openat(654321",
      ...["lseek(654321", "lseek(654321"],
      'AT_FDCWD, "/dev/null", O_RDONLY)',
    ]);
  },
);

/** Calls a function again and again. Returns how many functions were bound meanwhile, and their results' sum. */
async function boundBy(calls: number, flags: string, trusted = true): Promise<string> {
  const program = `
    let bound = 0;
    const bind = Deno.dlopen;
    Deno.dlopen = (...args) => { bound++; return bind(...args); };
    const { libc, trustErrno } = await import("${module}");
    ${trusted ? "trustErrno();" : ""}
    const { getpagesize } = libc;
    bound = 0;
    let sum = 0;
    for (let call = 0; call < ${calls}; call += 2) sum += getpagesize() + libc.getpagesize();
    console.log(bound, sum);
  `;
  const { stdout } = await run([Deno.execPath(), "eval", "--no-config", flags, program]);
  return stdout;
}

Deno.test("a function is compiled once, when it has been called a thousand times", async () => {
  const sum = (await boundBy(2, "--v8-flags=--single-threaded")).split(" ")[1];
  const page = Number(sum) / 2;
  assertEquals(await boundBy(998, "--v8-flags=--single-threaded"), `0 ${998 * page}\n`);
  assertEquals(await boundBy(5000, "--v8-flags=--single-threaded"), `1 ${5000 * page}\n`);
});

Deno.test("where V8 only interprets, or has threads, no function is compiled", async () => {
  assertEquals((await boundBy(5000, "--quiet", false)).split(" ")[0], "0");
  assertEquals((await boundBy(5000, "--v8-flags=--jitless")).split(" ")[0], "0");
});

Deno.test("a function of each number of parameters gets what it takes", () => {
  const name = cString("/proc/self/fd");
  assertEquals(libc.getpid(), Deno.pid);
  assertEquals(libc.getsid(0), libc.getsid(Deno.pid));
  assertEquals(libc.kill(Deno.pid, 0), 0);
  const fd = libc.openat(CWD, name, 0, 0);
  const bytes = new Uint8Array(256);
  assertEquals(libc.getdents64(fd, bytes, bytes.length) > 0, true);
  assertEquals(libc.statx(fd, new Uint8Array(1), 0x1000, 0x7ff, bytes), 0);
  assertEquals(libc.close(fd), 0);
  const CLOCK_GETTIME = Deno.build.arch === "aarch64" ? 113n : 228n;
  assertEquals(libc.syscall(CLOCK_GETTIME, -1n, 0n, 0n, 0n, 0n), -1n);
  assertEquals(lastErrno(), Errno.EINVAL);
});
