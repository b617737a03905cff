import { assertEquals } from "@std/assert";
import { optionWords } from "../../../lib/cli/documentation/option_words.ts";

const option = (name: string, argument: string) => ({ names: [name], argument, about: "" });

Deno.test("the words of an option are the alternatives in the usage line", () => {
  const usage = "[ -f text | -f dot | -f mermaid ] [ -l live ]";
  assertEquals(optionWords(usage, "", option("-f", "text")), ["text", "dot", "mermaid"]);
  assertEquals(optionWords(usage, "", option("-l", "live")), []);
});

Deno.test("the words of an option are those that its help explains beneath it", () => {
  const help = "  -o fields  these:\n     up        is it up\n     pid, pgid  both\n  -n  numbers";
  assertEquals(optionWords("", help, option("-o", "fields")), ["up", "pid", "pgid"]);
  assertEquals(optionWords("", "  -o fields  some\n     up  x", option("-o", "fields")), []);
});
