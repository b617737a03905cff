import { assertEquals } from "@std/assert";
import { type FileReading, variableOfFile } from "../../../lib/cli/chain/variable_of_file.ts";

const PLAIN: FileReading = { whole: false, keepEnd: false, instead: 10 };
const bytes = (text: string) => new TextEncoder().encode(text);

for (
  const [content, reading, value] of [
    ["a b \t\r\nsecond\n", {}, "a b"],
    ["a b \t\nsecond\n", { keepEnd: true }, "a b \t"],
    ["a \nb\n\n", { whole: true }, "a \nb\n"],
    ["a \nb\n\n", { whole: true, keepEnd: true }, "a \nb\n\n"],
    ["x\0y\0\nz", {}, "x\ny\n"],
    ["x\0y\nz", { instead: 0x2f }, "x/y"],
    ["no newline", {}, "no newline"],
    ["\n", {}, ""],
    [" \t\n", {}, ""],
    ["\n", { whole: true }, ""],
  ] as const
) {
  Deno.test(`a variable of ${JSON.stringify(content)}, ${JSON.stringify(reading)}`, () => {
    assertEquals(variableOfFile(bytes(content), { ...PLAIN, ...reading }), bytes(`${value}\0`));
  });
}

Deno.test("an empty file makes no variable, in each way of reading", () => {
  for (const whole of [false, true]) {
    for (const keepEnd of [false, true]) {
      assertEquals(variableOfFile(bytes(""), { whole, keepEnd, instead: 10 }), undefined);
    }
  }
});
