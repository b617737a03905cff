import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { processesIn } from "../scripts/demonstration/leftovers.ts";
import { DEADLINE } from "./support/deadline.ts";

const DEMO = new URL("../scripts/demo", import.meta.url).pathname;

/** Runs the demonstration with its temporary files in a directory, and may end it at a text of its output. */
async function demo(temporary: string, interruptAt?: string) {
  const child = new Deno.Command(DEMO, {
    env: { TMPDIR: temporary },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
    signal: AbortSignal.timeout(4 * DEADLINE),
  }).spawn();
  let output = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    if (interruptAt !== undefined && output.includes(interruptAt)) {
      child.kill("SIGTERM");
      interruptAt = undefined;
    }
  }
  return { code: (await child.status).code, output };
}

/** Runs a test with a directory for temporary files, which must be empty afterwards. */
async function leavingNothing(test: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = Deno.makeTempDirSync();
  try {
    await test(temporary);
    assertEquals(processesIn(temporary), []);
    assertEquals([...Deno.readDirSync(temporary)], []);
  } finally {
    Deno.removeSync(temporary, { recursive: true });
  }
}

Deno.test("the demonstration shows readiness and leaves nothing behind", () =>
  leavingNothing(async (temporary) => {
    const { code, output } = await demo(temporary);
    assertEquals(code, 0, output);
    assertMatch(output, /daemon +event U +ready: \d+ ms/);
    assertMatch(output, /web +event U +ready: \d{4,} ms/);
    assert(!/stuck +event U/.test(output));
    assertStringIncludes(output, "→ hello");
    for (const name of ["daemon", "web", "stuck"]) assertMatch(output, RegExp(`${name} +event x`));
  }));

Deno.test("the demonstration leaves nothing behind when it is ended early", () =>
  leavingNothing(async (temporary) => {
    const { code, output } = await demo(temporary, "stuck    event u");
    assertEquals(code, 1, output);
  }));
