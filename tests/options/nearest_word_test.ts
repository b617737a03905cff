import { assertEquals } from "@std/assert";
import { nearestWord } from "../../lib/options/nearest_word.ts";

const WORDS = ["wait", "stat", "supervise", "event notify"];

for (
  const [what, word, nearest] of [
    ["two letters are swapped", "wiat", "wait"],
    ["a letter is missing", "sta", "stat"],
    ["a letter is too many", "waitt", "wait"],
    ["letters are others", "supervize", "supervise"],
    ["a letter of two words is missing", "event notfy", "event notify"],
    ["a long word may differ by a third", "superwhize", "supervise"],
    ["nothing is near", "xylophone", undefined],
  ] as const
) {
  Deno.test(`${what}: nearest to ${word} is ${nearest}`, () => {
    assertEquals(nearestWord(word, WORDS), nearest);
  });
}

Deno.test("of words that are equally near the first is taken", () => {
  assertEquals(nearestWord("ab", ["abc", "abd"]), "abc");
  assertEquals(nearestWord("ab", []), undefined);
});
