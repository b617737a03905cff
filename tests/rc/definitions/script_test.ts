import { assertEquals, assertThrows } from "@std/assert";
import {
  findExeclineb,
  scriptCommand,
  ScriptError,
  splitCommandLine,
} from "../../../lib/rc/definitions/script.ts";
import { missingPrograms, testNeeding } from "../../support/needs.ts";
import { run } from "../../support/run.ts";

const WITHOUT_BLOCKS = [
  "printf %s\\n one two",
  '  # a comment\nprintf %s\\n "one word" two"and a half" "" # the end\n',
  'printf %s\\n "tab\\tnewline\\nquote\\"backslash\\\\number\\065\\0x41\\66end" plain\\ space',
  'printf %s\\n not#acomment a\\\nb "c\\\nd"',
  'printf %s\\n "{" "}"',
];

testNeeding(
  [missingPrograms("execlineb")],
  "a plain command line means what it means to execlineb",
  async () => {
    for (const text of WITHOUT_BLOCKS) {
      const mine = await run(splitCommandLine(text, "/source/up"));
      const theirs = await run(["execlineb", "-Pc", text]);
      assertEquals(mine.stdout, theirs.stdout, text);
    }
  },
);

Deno.test("a script with a block is a clear error without execlineb", () => {
  const error = assertThrows(
    () => scriptCommand("foreground { true } false", "/source/o/up", undefined),
    ScriptError,
  );
  assertEquals(
    error.message,
    "Cannot run /source/o/up: its block in braces needs execlineb, which is not on PATH; install " +
      'execline, or write one command line, as in: /bin/sh -c "…"',
  );
});

Deno.test("a quote that is never closed is an error", () => {
  assertThrows(
    () => splitCommandLine('sh -c "true', "/source/o/up"),
    ScriptError,
    "Cannot run /source/o/up: a double quote is never closed",
  );
});

Deno.test("an empty script is nothing to do", () => {
  assertEquals(scriptCommand(" \n# nothing\n", "/source/o/up", undefined), []);
  assertEquals(scriptCommand(" \n# nothing\n", "/source/o/up", "/usr/bin/execlineb"), []);
});

testNeeding(
  [missingPrograms("execlineb")],
  "the script of an instance gets its name, with execlineb and without",
  async () => {
    const text = 'echo $1 "x$1" "${1}y" "a $1 b" "a ${1} b" "$$1"';
    const plain = scriptCommand(text, "/source/o@/up", undefined, "one");
    assertEquals(plain, ["echo", "one", "xone", "oney", "a $1 b", "a one b", "$one"]);
    const { stdout } = await run(scriptCommand(text, "/source/o@/up", findExeclineb(), "one"));
    assertEquals(stdout, `${plain.slice(1).join(" ")}\n`);
  },
);
