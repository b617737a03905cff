import { assertEquals, assertThrows } from "@std/assert";
import { operandList, operands, parseCommandLine } from "../../lib/cli/command_line.ts";
import { setProgram } from "../../lib/cli/program.ts";
import { UsageError } from "../../lib/options/usage_error.ts";

/** Calls a function as if this were a program of s6. */
function asS6<Result>(call: () => Result): Result {
  setProgram("s6-x", true);
  try {
    return call();
  } finally {
    setProgram("sv", false);
  }
}

Deno.test("options may come after operands, but not as s6", () => {
  const parse = () => {
    const { options, rest } = parseCommandLine(["web", "-t", "5", "db", "--", "-x"], "t:");
    return [options.map(({ name, value }) => `${name}=${value}`), rest];
  };
  assertEquals(parse(), [["t=5"], ["web", "db", "-x"]]);
  assertEquals(asS6(parse), [[], ["web", "-t", "5", "db", "--", "-x"]]);
});

Deno.test("operands that are missing, empty or too many are named; as s6 the last are ignored", () => {
  const names = ["scan directory", "service directory", "name"];
  const parse = (...given: string[]) => () => operands(given, names, 1);
  assertEquals(parse("a", "b")(), ["a", "b"]);
  assertEquals(parse("a", "b", "c")(), ["a", "b", "c"]);
  assertThrows(parse("a"), UsageError, "no service directory given");
  assertThrows(parse("a", ""), UsageError, "an empty string is no service directory");
  assertThrows(
    parse("a", "b", "c", "d"),
    UsageError,
    "'d' is too much: after the scan directory, the service directory and the name nothing else is",
  );
  assertThrows(() => operands(["x"], []), UsageError, "'x' is too much: no operands are expected");
  assertEquals(asS6(parse("a", "b", "", "d")), ["a", "b", ""]);
});

Deno.test("a list has at least one operand, and none that is empty", () => {
  assertEquals(operandList(["a", "b"], "service"), ["a", "b"]);
  assertThrows(() => operandList([], "service"), UsageError, "no service given");
  assertThrows(
    () => operandList(["a", ""], "service"),
    UsageError,
    "an empty string is no service",
  );
});
