import { assertEquals, assertThrows } from "@std/assert";
import { parseOptions, unsigned } from "../../lib/options/parse_options.ts";
import { UsageError } from "../../lib/options/usage_error.ts";

const parse = (...args: string[]) => {
  const { options, rest } = parseOptions(args, "abt:", { all: "a", timeout: "t", json: "json" });
  return [options.map(({ name, value }) => value === "" ? name : `${name}=${value}`), rest];
};

Deno.test("options are read as getopt reads them", () => {
  assertEquals(parse("-ab", "-t5", "x", "-a"), [["a", "b", "t=5"], ["x", "-a"]]);
  assertEquals(parse("-at", "5", "--", "-b"), [["a", "t=5"], ["-b"]]);
  assertEquals(parse("-", "-a"), [[], ["-", "-a"]]);
  assertEquals(parse(), [[], []]);
});

Deno.test("it is known what stands before --", () => {
  const before = (anywhere: boolean, ...args: string[]) =>
    parseOptions(args, "a", {}, anywhere).beforeDashes;
  assertEquals(before(true, "x", "-a", "y", "--", "z", "--"), 2);
  assertEquals(before(true, "--", "x"), 0);
  assertEquals(before(true, "x"), undefined);
  assertEquals(before(false, "x", "--", "y"), undefined);
});

Deno.test("long options stand for the short ones, or for themselves", () => {
  assertEquals(parse("--all", "--timeout=5", "--json", "x"), [["a", "t=5", "json"], ["x"]]);
  assertEquals(parse("--timeout", "5"), [["t=5"], []]);
});

Deno.test("an option that is not known, or lacks its argument, is wrong usage", () => {
  assertThrows(() => parse("-x"), UsageError, "unknown option -x");
  assertThrows(() => parse("--every"), UsageError, "unknown option --every");
  assertThrows(() => parse("-t"), UsageError, "option -t needs an argument");
  assertThrows(() => parse("--timeout"), UsageError, "option --timeout needs an argument");
  assertThrows(() => parse("--all=yes"), UsageError, "option --all takes no argument");
  assertThrows(() => parse("--=5"), UsageError, "unknown option");
});

Deno.test("an option is asked for by its name; where it was given several times, the last counts", () => {
  const options = parseOptions(["-t1", "-a", "-b", "-t", "2", "x"], "abct:");
  assertEquals([options.has("a"), options.has("t"), options.has("c")], [true, true, false]);
  assertEquals([options.value("t"), options.value("a"), options.value("c")], ["2", "", undefined]);
  assertEquals([options.values("t"), options.values("c")], [["1", "2"], []]);
  assertEquals([options.number("t", "n"), options.number("c", "n")], [2, undefined]);
  const message = "option -t takes a number of lines from 0 to 1, not '2'";
  assertThrows(() => options.number("t", "a number of lines", { most: 1 }), UsageError, message);
  const both = parseOptions(["-t", "x", "-t", "2"], "t:");
  assertThrows(
    () => both.number("t", "n"),
    UsageError,
    "option -t takes n from 0 to",
    "each counts",
  );
  assertEquals(options.rest, ["x"]);
});

Deno.test("of options that exclude each other the last counts", () => {
  const options = parseOptions(["-abab", "-c"], "abcd");
  assertEquals(options.lastOf("a", "b"), "b");
  assertEquals(options.lastOf("b", "a", "c"), "c");
  assertEquals(options.lastOf("d"), undefined);
});

Deno.test("options may stand anywhere, where that is wanted", () => {
  const { options, rest } = parseOptions(["x", "-a", "y", "--", "-b", "z"], "ab", {}, true);
  assertEquals([options.map(({ name }) => name), rest], [["a"], ["x", "y", "-b", "z"]]);
});

Deno.test("an option knows how it was written", () => {
  const { options } = parseOptions(["-at5", "--timeout=5", "--json"], "at:", {
    timeout: "t",
    json: "json",
  });
  assertEquals(options.map(({ spelling }) => spelling), ["-a", "-t", "--timeout", "--json"]);
});

Deno.test("a number is an unsigned integer of 32 bits", () => {
  assertEquals(unsigned("4294967295", "n"), 4294967295);
  assertEquals(unsigned("5", "n", { least: 5, most: 5 }), 5);
  assertThrows(
    () => unsigned("4", "n", { least: 5 }),
    UsageError,
    "n from 5 to 4294967295, not '4'",
  );
  for (const text of ["", "-1", "4294967296", "1.5", "1e3", "0x10", " 1"]) {
    assertThrows(() => unsigned(text, "n"), UsageError, `n from 0 to 4294967295, not '`);
  }
});
