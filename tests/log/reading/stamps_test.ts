import { assertEquals } from "@std/assert";
import { StampReader } from "../../../lib/log/reading/stamps.ts";
import { encodeOs } from "../../../lib/os/os_string.ts";
import { formatTai64n } from "../../../lib/tai/tai64n.ts";

/** A clock two hours ahead of UTC. */
const stamps = new StampReader(({ year, month, day, hour, minute, second }) =>
  Date.UTC(year, month - 1, day, hour - 2, minute, second) / 1000
);

/** Returns the time of a line in UTC, and the line behind its stamp. */
function read(line: string): [string, string] | undefined {
  const stamp = stamps.read(encodeOs(line));
  if (stamp === undefined) return undefined;
  const milliseconds = Number(stamp.time / 1_000_000n);
  const rest = String(stamp.time % 1_000_000n).padStart(6, "0");
  return [new Date(milliseconds).toISOString().replace("Z", rest), line.slice(stamp.end)];
}

Deno.test("stamps of each kind are read, and end before the line", () => {
  const time = "2026-11-21T21:10:18.145450297";
  const tai64n = formatTai64n(BigInt(Date.parse("2026-11-21T21:10:18Z")) * 1_000_000n + 145450297n);
  assertEquals(read(`${tai64n} text`), [time, "text"]);
  assertEquals(read(`${tai64n.toUpperCase()} text`), [time, "text"]);
  assertEquals(read(tai64n), [time, ""]);
  assertEquals(read(`${tai64n}  two`), [time, " two"]);
  assertEquals(read("2026-11-21 23:10:18.145450297  text"), [time, "text"]);
  assertEquals(read(`${tai64n} 2026-11-21 23:10:18.145450297  text`), [time, "text"]);
  assertEquals(read("2026-11-21_21:10:18.14545 text"), ["2026-11-21T21:10:18.145450000", "text"]);
  assertEquals(read("2026-11-21T21:10:18.14545 text"), ["2026-11-21T21:10:18.145450000", "text"]);
});

Deno.test("what is no stamp of a logger belongs to the line", () => {
  for (
    const line of [
      "",
      "@",
      "text",
      "@4000000065a0b3c11dcd650",
      "@4000000065a0b3c11dcd650g text",
      "@3000000065a0b3c11dcd6500 text",
      "@ffffffff65a0b3c11dcd6500 text",
      "2026-11-21 21:10:18 text that is long enough",
      "2026-11-21T21:10:18.145450297  text",
      "2026-11-21 21:10:18.14545 text and more",
    ]
  ) assertEquals(read(line), undefined, line);
});

Deno.test("the seconds of a minute are told apart, though the minute is looked up once", () => {
  for (const second of ["00", "59", "07"]) {
    assertEquals(
      read(`2026-11-21 23:10:${second}.000000000  x`)?.[0],
      `2026-11-21T21:10:${second}.000000000`,
    );
  }
  assertEquals(read("2026-11-21 23:11:01.000000000  x")?.[0], "2026-11-21T21:11:01.000000000");
});
