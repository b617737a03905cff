import { assertEquals, assertThrows } from "@std/assert";
import { ExeclineError, parseExecline } from "../../../lib/rc/definitions/execline.ts";
import { missingPrograms, testNeeding } from "../../support/needs.ts";
import { seeded } from "../../support/random.ts";
import { run } from "../../support/run.ts";

function words(text: string): string[] {
  return parseExecline(new TextEncoder().encode(text)).words.map((word) =>
    new TextDecoder().decode(word)
  );
}

Deno.test("words in a block have a space in front, and an empty word ends it", () => {
  assertEquals(words("if { a { b } c } d"), ["if", " a", "  b", " ", " c", "", "d"]);
  assertEquals(parseExecline(new TextEncoder().encode('a "{" b')).hasBlock, false);
});

const ERRORS: Readonly<Record<string, readonly [string, number]>> = {
  "a\n{ b\nc": ['a "{" is never closed', 2],
  "a\n}": ['a "}" closes nothing', 2],
  "a {": ['the text ends after "{"', 1],
  'a\n"b\nc': ["a double quote is never closed", 2],
  "a\\": ["the text ends after a backslash in a word", 1],
  'a\nb "\\256"': ["\\256 is no number from 1 to 255", 2],
  'a "\\0x"': ['\\0x" between quotes is no number', 1],
};

for (const [text, [message, line]] of Object.entries(ERRORS)) {
  Deno.test(`${JSON.stringify(text)} is refused: ${message}`, () => {
    const error = assertThrows(() => words(text), ExeclineError);
    assertEquals([error.message, error.line], [message, line]);
  });
}

const PIECES = [
  ...'{} \n\t"\\abx01789fns#',
  ...' } | { |25|\\0x41|\\065|\\66|\\0|"a"|{ a }|word |A|é'.split("|"),
];

testNeeding(
  [missingPrograms("execlineb")],
  "random texts have the words that execlineb finds",
  seeded(11, async (random) => {
    const print = `/bin/sh -c "printf '%s|' \\"$@\\"" sh `;
    for (let round = 0; round < 150; round++) {
      const length = 1 + random.below(9);
      const text = print +
        Array.from({ length }, () => PIECES[random.below(PIECES.length)]).join("");
      const { code, stdout } = await run(["execlineb", "-Pc", text]);
      let mine: string;
      try {
        mine = words(text).slice(4).map((word) => `${word}|`).join("") || "|";
      } catch (error) {
        if (!(error instanceof ExeclineError)) throw error;
        mine = "refused";
      }
      assertEquals(mine, code === 0 ? stdout : "refused", JSON.stringify(text));
    }
  }),
);
