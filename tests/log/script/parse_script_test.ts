import { assertEquals, assertThrows } from "@std/assert";
import { DEFAULT_SETTINGS } from "../../../lib/log/directory/settings.ts";
import { parseScript } from "../../../lib/log/script/parse_script.ts";
import { UsageError } from "../../../lib/options/usage_error.ts";

const parse = (script: string) => parseScript(script.split(" "));
const plain = { tai64n: false, iso: false, prefix: "" };

Deno.test("selections and actions make clauses", () => {
  assertEquals(parse("- +fatal: 2 - +^STAT =status f 1 2").clauses, [
    {
      selections: [{ type: "deselect", regex: "" }, { type: "select", regex: "fatal:" }],
      actions: [{ ...plain, destination: { type: "alert", limit: 200 } }],
    },
    {
      selections: [{ type: "deselect", regex: "" }, { type: "select", regex: "^STAT" }],
      actions: [{ ...plain, destination: { type: "status", file: "status", size: 1001 } }],
    },
    {
      selections: [{ type: "rest" }],
      actions: [
        { ...plain, destination: { type: "stdout" } },
        { ...plain, destination: { type: "alert", limit: 200 } },
      ],
    },
  ]);
});

Deno.test("stamps are for the next action, all else for all actions that follow", () => {
  const { clauses } = parse("t T pweb E5 2 t 2 p ^7 =a");
  assertEquals(clauses[0]!.actions, [
    { tai64n: true, iso: true, prefix: "web", destination: { type: "alert", limit: 5 } },
    { tai64n: true, iso: false, prefix: "web", destination: { type: "alert", limit: 5 } },
    { ...plain, destination: { type: "status", file: "a", size: 7 } },
  ]);
});

Deno.test("the settings of log directories", () => {
  const { clauses } = parse("n3 s5000 l100 S70 r50 R60 ?gzip ./a ! s1 /b !cat ? ./c !cat ./d");
  const first = {
    archives: 3,
    fileSize: 5000,
    tolerance: 100,
    totalSize: 70,
    cooldown: 50,
    period: 60,
    processor: { interpreter: "sh", script: "gzip" },
  } as const;
  const rest = { ...first, fileSize: 4096, processor: undefined };
  assertEquals(clauses[0]!.actions.map(({ destination }) => destination), [
    { type: "directory", path: "./a", settings: first },
    { type: "directory", path: "/b", settings: rest },
    { type: "directory", path: "./c", settings: rest },
    {
      type: "directory",
      path: "./d",
      settings: { ...rest, processor: { interpreter: "execlineb", script: "cat" } },
    },
  ]);
  assertEquals(parse("./a").clauses[0]!.actions[0]!.destination, {
    type: "directory",
    path: "./a",
    settings: DEFAULT_SETTINGS,
  });
});

Deno.test("directives that no action follows", () => {
  assertEquals(parse("1 +x n5").unused, ["+x", "n5"]);
  assertEquals(parse("+x n5 1").unused, []);
});

Deno.test("a script that is wrong", () => {
  const wrong: Readonly<Record<string, string>> = {
    "n5": "the script has no action: no log directory, 1, 2 or =file",
    "x 1": "'x' is no directive; a log directory begins with / or .",
    "ff 1": "directive 'ff': nothing may follow its f",
    "tx 1": "directive 'tx': nothing may follow its t",
    "= 1": "directive '=': it needs the path of a file",
    "n 1": "directive 'n' takes a number of archives from 0 to 4294967295, not ''",
    "s1k 1": "directive 's1k' takes a number of bytes from 0 to 4294967295, not '1k'",
    "s5000 l2501 1":
      "directive 'l2501': the tolerance is more than half of the file's size, 5000; lower it, or " +
      "put a larger s before it",
    "1 ": "an empty string is no directive",
  };
  for (const [script, message] of Object.entries(wrong)) {
    assertThrows(() => parse(script), UsageError, message, script);
  }
});
