import { assertEquals } from "@std/assert";
import {
  formatLines,
  holdsLine,
  type LineStyle,
  LONGEST_LINE,
} from "../../../lib/log/collector/line_format.ts";

const STAMP = "@400000006553f1250000007b";
const style = (format: LineStyle["format"]): LineStyle => ({
  format,
  service: "web",
  instant: 1_700_000_000_000_000_123n,
});
const bytes = (text: string) => new TextEncoder().encode(text);

function formatted(text: string, format: LineStyle["format"], room?: number): [number, string] {
  const lines = formatLines(bytes(text), style(format), room === undefined ? {} : { room });
  return [lines.length, new TextDecoder().decode(lines.bytes)];
}

Deno.test("each line gets what the format says, and part of a line waits", () => {
  assertEquals(formatted("a\n\nb\nhal", "t"), [5, `${STAMP} a\n${STAMP} \n${STAMP} b\n`]);
  assertEquals(formatted("a\nb\n", "text"), [4, "web | a\nweb | b\n"]);
  const [, local] = formatted("a\n", "T");
  assertEquals(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.000000123 {2}a\n$/.test(local), true, local);
  assertEquals(formatted("a\n", "tT")[1], `${STAMP} ${local}`);
});

Deno.test("JSON has the time, the service, the stream and the line, whatever its bytes are", () => {
  const line = new Uint8Array([0x22, 0xff, 0x0a]);
  const { bytes: written, length } = formatLines(line, style("json"));
  assertEquals(length, 3);
  assertEquals(JSON.parse(new TextDecoder().decode(written)), {
    time: "2023-11-14T22:13:20.000000123Z",
    service: "web",
    stream: "stdout",
    line: '"\ufffd',
  });
});

Deno.test("the line that reaches the end of the file is the last one", () => {
  const one = STAMP.length + 3;
  assertEquals(formatted("a\nb\nc\n", "t", 1)[0], 2);
  assertEquals(formatted("a\nb\nc\n", "t", one)[0], 2);
  assertEquals(formatted("a\nb\nc\n", "t", one + 1)[0], 4);
  assertEquals(formatted("a\nb\nc\n", "t", 3 * one)[0], 6);
});

Deno.test("a line that is too long is cut, and the last one gets its end", () => {
  const long = "x".repeat(LONGEST_LINE + 10);
  assertEquals(formatted(`a\n${long}\n`, "text")[0], 2, "what is before it comes first");
  const [length, text] = formatted(`${long}\nb\n`, "text");
  assertEquals([length, text.length], [LONGEST_LINE, LONGEST_LINE + "web | \n".length]);
  assertEquals(formatted(long.slice(0, LONGEST_LINE), "text"), [length, text], "the same again");
  assertEquals(formatted("half", "text"), [4, "web | half\n"]);
});

Deno.test("bytes hold a line when there is a newline, or enough of them, or no more to come", () => {
  assertEquals(holdsLine(bytes("half"), false), false);
  assertEquals(holdsLine(bytes("half"), true), true);
  assertEquals(holdsLine(bytes(""), true), false);
  assertEquals(holdsLine(bytes("a\nhalf"), false), true);
  assertEquals(holdsLine(bytes("x".repeat(LONGEST_LINE)), false), true);
});
