import { assertEquals } from "@std/assert";
import { TimeStamps } from "../../../lib/log/input/time_stamps.ts";
import { formatTai64n } from "../../../lib/tai/tai64n.ts";

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const SECONDS = 1_700_000_000;

function stampsAt(...nanoseconds: number[]) {
  return new TimeStamps(true, (time) => {
    time.seconds = SECONDS;
    time.nanoseconds = nanoseconds.shift()!;
  });
}

Deno.test("TAI64N and local time", () => {
  const stamps = stampsAt(123_456_789);
  stamps.now();
  const instant = BigInt(SECONDS) * 1_000_000_000n + 123_456_789n;
  assertEquals(decode(stamps.tai64n), `${formatTai64n(instant)} `);
  const at = new Date(SECONDS * 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  assertEquals(decode(stamps.iso), `${date} ${time}.123456789  `);
});

Deno.test("lines that were read together are a nanosecond apart", () => {
  const stamps = stampsAt(5);
  stamps.now();
  stamps.next();
  stamps.next();
  assertEquals(decode(stamps.tai64n).slice(17), "00000007 ");
  assertEquals(decode(stamps.iso).slice(19), ".000000007  ");
});

Deno.test("stamps don't go back where the clock stands", () => {
  const stamps = stampsAt(100, 100, 200);
  stamps.now();
  stamps.next();
  stamps.now();
  assertEquals(decode(stamps.iso).slice(19), ".000000102  ");
  stamps.now();
  assertEquals(decode(stamps.iso).slice(19), ".000000200  ");
});

Deno.test("the last nanosecond of a second stays", () => {
  const stamps = stampsAt(999_999_999);
  stamps.now();
  stamps.next();
  assertEquals(decode(stamps.iso).slice(19), ".999999999  ");
});
