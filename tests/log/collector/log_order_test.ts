import { assertEquals, assertThrows } from "@std/assert";
import { DEFAULT_ORDER, parseLogOrder } from "../../../lib/log/collector/log_order.ts";
import { UsageError } from "../../../lib/options/usage_error.ts";

Deno.test("an empty file has the default order", () => {
  assertEquals(parseLogOrder(" # nothing\n"), DEFAULT_ORDER);
});

Deno.test("directives of s6-log, then the directory", () => {
  assertEquals(parseLogOrder("n20 s1000000 S5000000 T\n'/var/log/my web' # comment\n"), {
    stamps: "T",
    archives: 20,
    fileSize: 1_000_000,
    totalSize: 5_000_000,
    directory: "/var/log/my web",
  });
  assertEquals(parseLogOrder("T t").stamps, "tT");
  assertEquals(parseLogOrder("t t").stamps, "t");
});

for (
  const [text, message] of [
    ["s100", "from 4096 to 268435455"],
    ["n1.5", '"n1.5" is none of'],
    ["-debug", "needs a logger of its own"],
    ["!gzip", "needs a logger of its own"],
    ["logs/web", "an absolute path"],
    ["/var/log/web n20", "nothing may follow the directory /var/log/web: n20"],
    ["'/var/log", "a quote is not closed"],
  ] as const
) {
  Deno.test(`data/sv/log may not hold ${text}`, () => {
    assertThrows(() => parseLogOrder(text), UsageError, message);
  });
}
