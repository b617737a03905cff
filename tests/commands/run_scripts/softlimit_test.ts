import { assertEquals } from "@std/assert";
import { svCommand } from "../../support/program.ts";
import { quoted } from "../../support/quoted.ts";
import { run } from "../../support/run.ts";

// V8 takes memory in pages of 256 KiB. Where it needs the next one, with the limit in force already, it
// ends the process. When that is depends on all that was allocated before: here on the environment.
for (
  const [size, emptied] of [["large", []], ["small", [
    "env",
    "-i",
    "HOME=/",
    "PATH=/usr/bin:/bin",
  ]]] as const
) {
  Deno.test(`softlimit survives the limit that it sets, however ${size} the environment is`, async () => {
    const script = `
      ended=
      for number in $(seq 120); do
        export "VARIABLE_$number=a value of a variable"
        ${quoted([...svCommand("softlimit"), "-m", "2000", "./no-such-program"])} 2> /dev/null
        ended="$ended $?"
      done
      echo $ended`;
    const { stdout } = await run([...emptied, "/bin/sh", "-c", script]);
    assertEquals(stdout.trim().split(" "), Array(120).fill("127"));
  });
}
