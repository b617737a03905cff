import { assertEquals, assertThrows } from "@std/assert";
import { required, requiredProgram } from "../../lib/cli/command.ts";
import { UsageError } from "../../lib/options/usage_error.ts";

Deno.test("an argument that is missing is wrong usage, and named", () => {
  assertEquals(required("web", "service directory"), "web");
  assertThrows(() => required(undefined, "lock file"), UsageError, "no lock file given");
});

Deno.test("a program that is missing is wrong usage, and so is one without a name", () => {
  assertEquals(requiredProgram(["true", ""]), ["true", ""]);
  assertThrows(() => requiredProgram([]), UsageError, "no program given");
  assertThrows(() => requiredProgram([""]), UsageError, "an empty string is no program");
});
