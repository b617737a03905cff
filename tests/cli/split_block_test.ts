import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/options/usage_error.ts";
import { splitBlock } from "../../lib/cli/split_block.ts";

Deno.test("a block ends with an empty argument, and execline's quotes are taken off", () => {
  assertEquals(splitBlock(["a", " b", "", "prog", ""], "things"), {
    block: ["a", "b"],
    program: ["prog", ""],
  });
  assertThrows(() => splitBlock(["a", "b"], "things"), UsageError, "after the things");
  assertThrows(() => splitBlock(["a", ""], "things"), UsageError, "no program given");
});
