import { assertEquals } from "@std/assert";
import { execlineWord, shellWord } from "../../lib/options/quote_words.ts";
import { splitCommandLine } from "../../lib/rc/definitions/script.ts";
import { run } from "../support/run.ts";

const WORDS = ["plain", "", "it's", 'a "b"', "$HOME", "a b", "`ls`", "\\", "a\nb", "#x", "*", "é"];

Deno.test("a shell reads the words back as they were", async () => {
  const { stdout } = await run(["sh", "-c", `printf '%s\\0' ${WORDS.map(shellWord).join(" ")}`]);
  assertEquals(stdout.split("\0").slice(0, -1), WORDS);
});

Deno.test("execline's rules read the words back as they were", () => {
  assertEquals(splitCommandLine(WORDS.map(execlineWord).join(" "), "up"), WORDS);
});
