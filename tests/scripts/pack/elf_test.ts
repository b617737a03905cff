import { assertEquals } from "@std/assert";
import { interpreterOf, makesCodeProgram } from "../../../scripts/pack/elf.ts";
import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

Deno.test("the dynamic linker of an executable is one that is there", () => {
  const interpreter = interpreterOf(Deno.readFileSync(Deno.execPath()));
  assertEquals(Deno.statSync(interpreter).isFile, true, interpreter);
});

Deno.test("the executable that makes code runs, and may", async () => {
  await using place = await temporaryDirectory();
  const program = makesCodeProgram(Deno.build.arch)!;
  await Deno.writeFile(`${place.path}/makes-code`, program, { mode: 0o755 });
  const { code, stdout, stderr } = await run([`${place.path}/makes-code`]);
  assertEquals({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
});

Deno.test("for a machine whose code is not known there is none", () => {
  assertEquals(makesCodeProgram("pdp11"), undefined);
});
