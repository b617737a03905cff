import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { whyUnsupported } from "../../lib/os/platform.ts";
import { run } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const repository = fromFileUrl(new URL("../../", import.meta.url));
const preload = `--preload=${repository}tests/os/foreign_platform.ts`;

const NO_LINUX = "this system is darwin, and sv needs the kernel of Linux (epoll, pidfd, FIFOs); " +
  "run it on Linux, in a container or a virtual machine say";
const RISCV =
  "this processor is riscv64, and sv knows the kernel's interface only for x86_64 and " +
  "aarch64; run it on one of those";
const MUSL = "this Deno is made for musl, and sv calls glibc; " +
  "run it on a system with glibc, such as Debian, with a Deno made for that";

Deno.test("Linux with glibc on two processors is supported", () => {
  assertEquals(whyUnsupported(Deno.build), undefined);
  for (const arch of ["x86_64", "aarch64"]) {
    assertEquals(whyUnsupported({ os: "linux", arch, env: "gnu" }), undefined);
    assertEquals(whyUnsupported({ os: "linux", arch }), undefined);
  }
});

Deno.test("what is wrong with another platform is said, with what to do", () => {
  assertEquals(whyUnsupported({ os: "darwin", arch: "aarch64" }), NO_LINUX);
  assertEquals(whyUnsupported({ os: "linux", arch: "riscv64", env: "gnu" }), RISCV);
  assertEquals(whyUnsupported({ os: "linux", arch: "x86_64", env: "musl" }), MUSL);
});

for (
  const [platform, reason] of [
    ["darwin aarch64", NO_LINUX],
    ["linux riscv64 gnu", RISCV],
    ["linux x86_64 musl", MUSL],
  ] as const
) {
  Deno.test(`sv from its sources on ${platform} is one line, and exit code 100`, async () => {
    for (const args of [["stat", "."], ["scan"], ["--version"]]) {
      const { code, stdout, stderr } = await run(
        [`${repository}scripts/deno`, "run", "-A", preload, `${repository}cli.ts`, ...args],
        { env: { SV_TEST_PLATFORM: platform } },
      );
      assertEquals({ code, stdout, stderr }, {
        code: 100,
        stdout: "",
        stderr: `sv: fatal: cannot start: ${reason}\n`,
      });
    }
  });
}

Deno.test("the library can be imported on another platform, and says so when it is used", async () => {
  await using place = await temporaryDirectory();
  const program = `${place.path}/program.ts`;
  await Deno.writeTextFile(
    program,
    `import { readStatus } from "${repository}mod.ts";
try { readStatus("."); } catch (error) { console.log(String(error)); }\n`,
  );
  const { code, stdout, stderr } = await run(
    [`${repository}scripts/deno`, "run", "-A", preload, program],
    { env: { SV_TEST_PLATFORM: "darwin aarch64" } },
  );
  assertEquals({ code, stdout, stderr }, {
    code: 0,
    stdout: `Error: Cannot call the C library: ${NO_LINUX}\n`,
    stderr: "",
  });
});
