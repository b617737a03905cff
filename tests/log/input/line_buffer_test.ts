import { assertEquals } from "@std/assert";
import { LineBuffer } from "../../../lib/log/input/line_buffer.ts";
import { type Random, seeded } from "../../support/random.ts";

const decoder = new TextDecoder();

/** Feeds pieces, and returns the lines; the rest as a line that ends with "…". */
function linesOf(limit: number, ...pieces: string[]): string[] {
  const buffer = new LineBuffer(limit);
  const lines: string[] = [];
  const text = () => decoder.decode(buffer.bytes.slice(buffer.from, buffer.to));
  for (const piece of pieces) {
    for (let rest = new TextEncoder().encode(piece); rest.length > 0;) {
      const count = buffer.fill((room) => {
        const part = rest.subarray(0, room.length);
        room.set(part);
        return part.length;
      });
      rest = rest.subarray(count);
      while (buffer.next()) lines.push(text());
    }
  }
  if (buffer.takePartial()) lines.push(`${text()}…`);
  return lines;
}

Deno.test("lines, whole and in pieces", () => {
  assertEquals(linesOf(0, "a\nb\n"), ["a", "b"]);
  assertEquals(linesOf(0, "a\n\nb", "c", "\nd"), ["a", "", "bc", "d…"]);
  assertEquals(linesOf(0), []);
});

Deno.test("a NUL ends a line, too", () => {
  assertEquals(linesOf(0, "a\0b\nc\0\0d", "e\0f"), ["a", "b", "c", "", "de", "f…"]);
});

Deno.test("a long line becomes several", () => {
  assertEquals(linesOf(4, "abcdefghij\nk\n"), ["abcd", "efgh", "ij", "k"]);
  assertEquals(linesOf(4, "abcd\nabcde\n"), ["abcd", "abcd", "e"]);
  assertEquals(linesOf(4, "abc", "de", "\nabcd", "\n"), ["abcd", "e", "abcd"]);
  assertEquals(linesOf(4, "abcdefgh"), ["abcd", "efgh…"]);
});

Deno.test("a line without a limit, longer than a read", () => {
  const long = "x".repeat(300_000);
  assertEquals(linesOf(0, `a\n${long}\nb\n`), ["a", long, "b"]);
});

Deno.test(
  "the pieces in which lines come make no difference",
  seeded(1, (random: Random) => {
    for (let round = 0; round < 200; round++) {
      const limit = random.pick([0, 5, 50]);
      const length = random.pick([10, 1000, 140_000]);
      let text = "";
      while (text.length < length) {
        text += random.pick(["a", "bc", "\n", "\n", "\0", "word ", "x".repeat(random.below(400))]);
      }
      const pieces: string[] = [];
      for (let at = 0; at < text.length;) {
        const size = 1 + random.below(random.pick([4, 1000, 100_000]));
        pieces.push(text.slice(at, at + size));
        at += size;
      }
      const wanted = text.split(/[\n\0]/).flatMap((line, index, all) => {
        const parts = limit === 0 || line === ""
          ? [line]
          : line.match(new RegExp(`.{1,${limit}}`, "g"))!;
        const last = index === all.length - 1;
        return last && line === ""
          ? []
          : parts.map((part, part_index) =>
            last && part_index === parts.length - 1 ? `${part}…` : part
          );
      });
      assertEquals(linesOf(limit, ...pieces), wanted);
    }
  }),
);
