import { assertEquals, assertThrows } from "@std/assert";
import {
  holdsSignalsProgram,
  interpreterOf,
  type Machine,
  machineOf,
  makesCodeProgram,
} from "../../../scripts/pack/elf.ts";
import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

Deno.test("the dynamic linker of an executable is one that is there", () => {
  const interpreter = interpreterOf(Deno.readFileSync(Deno.execPath()));
  assertEquals(Deno.statSync(interpreter).isFile, true, interpreter);
});

Deno.test("the executable that makes code runs, and may", async () => {
  await using place = await temporaryDirectory();
  const program = makesCodeProgram(Deno.build.arch as Machine);
  await Deno.writeFile(`${place.path}/makes-code`, program, { mode: 0o755 });
  const { code, stdout, stderr } = await run([`${place.path}/makes-code`]);
  assertEquals({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
});

Deno.test("the machine of an executable is told, and one whose code is not known is refused", () => {
  const own = Deno.build.arch as Machine;
  assertEquals(machineOf(Deno.readFileSync(Deno.execPath())), own);
  for (const machine of ["x86_64", "aarch64"] as const) {
    assertEquals(machineOf(makesCodeProgram(machine)), machine);
  }
  const other = makesCodeProgram(own);
  other[18] = 243;
  for (const bytes of [other, new Uint8Array(4), new TextEncoder().encode("#!/bin/sh\nexit\n")]) {
    assertThrows(() => machineOf(bytes), Error, "no executable for x86_64 or aarch64");
  }
});

Deno.test("the executable that holds signals has all blocked, sends itself some, and becomes another", async () => {
  await using place = await temporaryDirectory();
  const path = `${place.path}/hold-signals`;
  await Deno.writeFile(path, holdsSignalsProgram(Deno.build.arch as Machine), { mode: 0o755 });
  const script = 'echo "$0 $1 $HELD"; exec /bin/cat /proc/self/status';
  const command = [path, "OB", "/bin/sh", "-c", script, "name", "an argument"];
  const { code, stdout, stderr } = await run(["/usr/bin/env", "HELD=yes", ...command]);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  assertEquals(stdout.split("\n", 1), ["name an argument yes"]);
  const mask = (name: string) =>
    BigInt(`0x${new RegExp(`^${name}:\\s+([0-9a-f]+)$`, "m").exec(stdout)![1]}`);
  const unblockable = (1n << 8n) | (1n << 18n);
  assertEquals(mask("SigBlk") | unblockable | (3n << 31n), (1n << 64n) - 1n);
  assertEquals(mask("ShdPnd"), (1n << 14n) | (1n << 1n), "TERM and INT wait");
  assertEquals((await run([path, "", "/no/such/program"])).code, 111);
});
