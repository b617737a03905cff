import { assertEquals } from "@std/assert";
import { utcOfTai } from "../../lib/tai/leap_seconds.ts";

Deno.test("a second of TAI is one of UTC, and a leap second is the second before it", () => {
  assertEquals(utcOfTai(10), { seconds: 0, leap: false });
  const july1972 = Date.parse("1972-07-01T00:00:00Z") / 1000;
  assertEquals(utcOfTai(july1972 + 9), { seconds: july1972 - 1, leap: false });
  assertEquals(utcOfTai(july1972 + 10), { seconds: july1972 - 1, leap: true });
  assertEquals(utcOfTai(july1972 + 11), { seconds: july1972, leap: false });
  const year2017 = Date.parse("2017-01-01T00:00:00Z") / 1000;
  assertEquals(utcOfTai(year2017 + 35), { seconds: year2017 - 1, leap: false });
  assertEquals(utcOfTai(year2017 + 36), { seconds: year2017 - 1, leap: true });
  assertEquals(utcOfTai(year2017 + 37), { seconds: year2017, leap: false });
  assertEquals(utcOfTai(2 ** 40), { seconds: 2 ** 40 - 37, leap: false });
});
