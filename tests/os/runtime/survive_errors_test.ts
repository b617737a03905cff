import { assertEquals, assertMatch } from "@std/assert";
import { run } from "../../support/run.ts";

const lib = new URL("../../../lib/os/", import.meta.url);

/** Runs a program that survives errors, tells of those, and meets two. */
function meetErrors(onRejection: string) {
  return run([
    Deno.execPath(),
    "eval",
    "--no-config",
    `
    import { reactor } from "${lib}reactor.ts";
    import { surviveErrors } from "${lib}runtime/survive_errors.ts";
    surviveErrors((message) => {
      console.log(message.split("\\n")[0]);
      if (message.includes("promise")) reactor().after(0, () => console.log("going on"));
    }${onRejection});
    reactor().after(1, () => { throw new Error("in a callback"); });
    reactor().after(2, () => { Promise.reject(new Error("in a promise")); });
    `,
  ]);
}

Deno.test("an error that nothing has caught is told, and the program goes on", async () => {
  const { code, stdout, stderr } = await meetErrors("");
  assertEquals(stdout.trim().split("\n"), [
    "warning: internal error: Error: in a callback",
    "warning: internal error: Error: in a promise",
    "going on",
  ], stderr);
  assertEquals(code, 0);
});

Deno.test("a program may do something else about promises that were rejected", async () => {
  const { code, stdout, stderr } = await meetErrors(
    ", ({ message }) => { console.log(message); Deno.exit(7); }",
  );
  assertMatch(stdout, /in a callback\nin a promise\n$/, stderr);
  assertEquals(code, 7);
});
