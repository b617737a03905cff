import { assertEquals, assertStringIncludes } from "@std/assert";
import { run } from "../support/run.ts";

const lib = new URL("../../lib/os/", import.meta.url);

/** Runs a program of these statements, which have replaced the environment by that of `env -i` with `ours`. */
function runProgram(ours: readonly string[], statements: string) {
  const program = `
    import { environment, replaceEnvironment } from "${lib}environment.ts";
    replaceEnvironment(new TextEncoder().encode(${JSON.stringify(ours.join("\0") + "\0")}), "_SV_");
    ${statements}
  `;
  return run([Deno.execPath(), "eval", "--no-config", program]);
}

const forty = Array.from({ length: 40 }, (_, index) => `NAME_${index}=value ${index}`);

Deno.test("the environment is replaced, without the entries that are left out", async () => {
  const { stdout, stderr } = await runProgram(
    ["A=1", "_SV_PID=7", "no name", "A=2", "EMPTY="],
    `import { exec } from "${lib}spawn/exec.ts"; exec(["/usr/bin/env"]);`,
  );
  assertEquals(stdout, "A=1\nno name\nA=2\nEMPTY=\n", stderr);
});

Deno.test("the environment outlives the program's objects: an error at the end can be told", async () => {
  const { code, stderr } = await runProgram(forty, `throw new Error("the last words");`);
  assertStringIncludes(stderr, "the last words");
  assertEquals(code, 1);
});
