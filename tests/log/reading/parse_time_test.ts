import { assertEquals, assertThrows } from "@std/assert";
import { parseTime } from "../../../lib/log/reading/parse_time.ts";
import { UsageError } from "../../../lib/options/usage_error.ts";

/** A clock two hours ahead of UTC, at 00:30 of its day. */
const clock = {
  now: BigInt(Date.parse("2026-11-20T22:30:00Z")) * 1_000_000n,
  show(seconds: number) {
    const date = new Date((seconds + 7200) * 1000);
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
    };
  },
  secondsOf: (
    time: {
      year: number;
      month: number;
      day: number;
      hour: number;
      minute: number;
      second: number;
    },
  ) =>
    Date.UTC(time.year, time.month - 1, time.day, time.hour - 2, time.minute, time.second) / 1000,
};

const TIMES: readonly (readonly [text: string, utc: string])[] = [
  ["now", "2026-11-20T22:30:00.000Z"],
  ["2026-11-21", "2026-11-20T22:00:00.000Z"],
  ["2026-11-21 20:05", "2026-11-21T18:05:00.000Z"],
  ["2026-11-21T20:05:10.25", "2026-11-21T18:05:10.250Z"],
  ["2026-11-21T20:05:10Z", "2026-11-21T20:05:10.000Z"],
  ["2026-11-21 20:05 +01:00", "2026-11-21T19:05:00.000Z"],
  ["20:05", "2026-11-21T18:05:00.000Z"],
  ["6:00", "2026-11-21T04:00:00.000Z"],
  ["today", "2026-11-20T22:00:00.000Z"],
  ["yesterday", "2026-11-19T22:00:00.000Z"],
  ["yesterday 6:00", "2026-11-20T04:00:00.000Z"],
  ["10 min", "2026-11-20T22:20:00.000Z"],
  ["10min ago", "2026-11-20T22:20:00.000Z"],
  ["-2h30m", "2026-11-20T20:00:00.000Z"],
  ["1 day", "2026-11-19T22:30:00.000Z"],
  ["2 weeks", "2026-11-06T22:30:00.000Z"],
  ["90s", "2026-11-20T22:28:30.000Z"],
  ["@0", "1970-01-01T00:00:00.000Z"],
  ["@1700000000.5", "2023-11-14T22:13:20.500Z"],
  ["@4000000065a0b3c11dcd6500", "2024-01-12T03:35:56.500Z"],
];

Deno.test("times are read as people write them", () => {
  for (const [text, utc] of TIMES) {
    const time = parseTime(text, "--since", clock);
    assertEquals(new Date(Number(time / 1_000_000n)).toISOString(), utc, text);
  }
});

Deno.test("what is no time is refused, with examples", () => {
  for (
    const text of [
      "",
      "x",
      "10",
      "10 x",
      "2026-13-01",
      "2026-11-32",
      "25:00",
      "12:60",
      "@x",
      "-",
      "Z",
    ]
  ) {
    const error = assertThrows(() => parseTime(text, "--since", clock), UsageError) as Error;
    assertEquals(error.message.startsWith("option --since takes a time such as"), true, text);
  }
});
