import { assertEquals } from "@std/assert";
import type { LogContent } from "../../../lib/log/reading/log_content.ts";
import { linesBackward, linesForward } from "../../../lib/log/reading/read_lines.ts";
import { placeBefore, placeBehind } from "../../../lib/log/reading/find_time.ts";
import { StampReader } from "../../../lib/log/reading/stamps.ts";
import type { LogLine } from "../../../lib/log/reading/log_line.ts";
import { decodeOs, encodeOs } from "../../../lib/os/os_string.ts";
import { formatTai64n } from "../../../lib/tai/tai64n.ts";
import { type Random, seeded } from "../../support/random.ts";

const stamps = new StampReader(() => 0);
const reading = { stamps, fallback: 7n };

function content(text: string): LogContent {
  const bytes = encodeOs(text);
  return {
    size: bytes.length,
    modified: 7n,
    read: (from, to) => bytes.subarray(from, to),
    [Symbol.dispose]() {},
  };
}

/** Lines with and without stamps, short and longer than a block; the last may have no newline. */
function someLog(random: Random): string {
  let time = 1_700_000_000_000_000_000n;
  const stamped = random.next();
  const lines = Array.from({ length: random.below(300) }, () => {
    time += BigInt(random.below(1e9));
    const stamp = random.chance(stamped) ? `${formatTai64n(time)} ` : "";
    const length = random.chance(0.02) ? random.below(200_000) : random.below(200);
    return stamp + "x".repeat(length);
  });
  return lines.join("\n") + (random.chance(0.5) ? "" : "\n");
}

const shown = ({ bytes, order, start, time }: LogLine) =>
  `${time} ${order} ${start} ${bytes.length} ${decodeOs(bytes.subarray(0, 40))}`;

Deno.test(
  "the lines of a file are the same forwards and backwards, and all of its bytes",
  seeded(1, (random) => {
    for (let round = 0; round < 60; round++) {
      const text = someLog(random);
      const file = content(text);
      const forward = [...linesForward(file, 0, file.size, reading)].flat();
      const backward = [...linesBackward(file, file.size, reading)].flat().reverse();
      assertEquals(backward.map(shown), forward.map(shown));
      const lines = text.replace(/\n$/, "").split("\n");
      assertEquals(forward.length, text === "" ? 0 : lines.length);
      assertEquals(forward.every(({ bytes }, index) => decodeOs(bytes) === lines[index]), true);
    }
  }),
);

Deno.test(
  "the place of a time is found without reading all: no line of it is cut off",
  seeded(2, (random) => {
    for (let round = 0; round < 40; round++) {
      const file = content(someLog(random));
      const lines = [...linesForward(file, 0, file.size, reading)].flat();
      const times = lines.flatMap(({ time }) => time ?? []);
      const wanted = random.pick([0n, 2n ** 62n, ...times]);
      const from = [...linesForward(file, placeBefore(file, wanted, stamps), file.size, reading)];
      assertEquals(
        from.flat().filter(({ time }) => time !== undefined && time >= wanted).length,
        times.filter((time) => time >= wanted).length,
      );
      const until = [...linesForward(file, 0, placeBehind(file, wanted, stamps), reading)];
      assertEquals(
        until.flat().filter(({ time }) => time !== undefined && time <= wanted).length,
        times.filter((time) => time <= wanted).length,
      );
    }
  }),
);

Deno.test("only some parts of a large file are read for a time", () => {
  const lines = Array.from(
    { length: 100_000 },
    (_, index) =>
      `${formatTai64n(BigInt(index) * 1_000_000_000n + 1_700_000_000_000_000_000n)} some text\n`,
  );
  const file = content(lines.join(""));
  let read = 0;
  const counted = {
    ...file,
    read: (from: number, to: number) => (read += to - from, file.read(from, to)),
  };
  const wanted = 1_700_000_000_000_000_000n + 70_000n * 1_000_000_000n;
  const from = placeBefore(counted, wanted, stamps);
  const behind = placeBehind(counted, wanted, stamps);
  const exact = 70_000 * lines[0]!.length;
  assertEquals([from <= exact, exact - from <= 65_536], [true, true]);
  assertEquals([behind >= exact + lines[0]!.length, behind - exact <= 131_072], [true, true]);
  assertEquals(read < 1_000_000, true, `${read} of ${file.size} bytes were read`);
});
