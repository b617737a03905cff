import { assertEquals, assertThrows } from "@std/assert";
import { addressText, isIpAddress, parseAddress } from "../../../lib/cli/serve/addresses.ts";
import { UsageError } from "../../../lib/options/usage_error.ts";

Deno.test("addresses are paths of sockets, or numbers and a port", () => {
  for (
    const [given, shown] of [
      ["unix:/run/sv.sock", "unix:/run/sv.sock"],
      ["unix:./sv.sock", "unix:./sv.sock"],
      ["127.0.0.1:9000", "http://127.0.0.1:9000/"],
      ["[::1]:0", "http://[::1]:0/"],
      ["localhost:80", "http://localhost:80/"],
    ]
  ) assertEquals(addressText(parseAddress(given!)), shown);
});

Deno.test("anything else is refused with what an address is", () => {
  for (
    const given of [
      "",
      "9000",
      ":9000",
      "unix:sv.sock",
      "unix:",
      `unix:/${"a".repeat(107)}`,
      "127.0.0.1:65536",
      "::1:9000",
      "example.org:80",
      "127.0.0.1:90 00",
    ]
  ) assertThrows(() => parseAddress(given), UsageError, "--listen", given);
});

Deno.test("names are no numbers", () => {
  assertEquals(
    ["1.2.3.4", "[::1]", "[fe80::1%eth0]", "1.2.3.4.example.org", "[::1].org", "deadbeef"].map(
      isIpAddress,
    ),
    [true, true, true, false, false, false],
  );
});
