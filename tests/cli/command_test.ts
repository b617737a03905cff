import { assertEquals, assertThrows } from "@std/assert";
import { required, requiredList } from "../../lib/cli/command.ts";
import { UsageError } from "../../lib/options/usage_error.ts";

Deno.test("an argument that is missing is wrong usage, an empty one is not", () => {
  assertEquals(required("a", "fifodir"), "a");
  assertEquals(required("", "fifodir"), "");
  assertThrows(() => required(undefined, "fifodir"), UsageError, "no fifodir given");
});

Deno.test("a list without arguments is wrong usage", () => {
  assertEquals(requiredList(["a", "b"], "program"), ["a", "b"]);
  assertThrows(() => requiredList([], "program"), UsageError, "no program given");
});
