import { assertEquals, assertThrows } from "@std/assert";
import { cString, decodeOs, encodeOs } from "../../lib/os/os_string.ts";

Deno.test("every byte survives the way through a string, alone and among others", () => {
  for (let byte = 0; byte < 256; byte++) {
    const alone = Uint8Array.of(byte);
    assertEquals(encodeOs(decodeOs(alone)), alone);
    for (const among of [Uint8Array.of(0xe2, byte, 0xac), Uint8Array.of(0xc3, 0xa4, byte, 0x41)]) {
      assertEquals(encodeOs(decodeOs(among)), among);
    }
  }
});

Deno.test("UTF-8 is decoded as such, whatever stands beside it", () => {
  const bytes = Uint8Array.of(0xff, ...new TextEncoder().encode("grün 🦕"), 0xf0, 0x9f);
  assertEquals(decodeOs(bytes), "\udcffgrün 🦕\udcf0\udc9f");
  assertEquals(encodeOs(decodeOs(bytes)), bytes);
});

Deno.test("a byte order mark is a part of the name", () => {
  const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 0x61);
  assertEquals(encodeOs(decodeOs(bytes)), bytes);
});

Deno.test("encoded surrogates and overlong forms are not UTF-8, and survive", () => {
  for (const bytes of [[0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf5, 0x80, 0x80, 0x80]]) {
    assertEquals(encodeOs(decodeOs(Uint8Array.from(bytes))), Uint8Array.from(bytes));
  }
});

Deno.test("a NUL in a path is refused rather than cutting the path short", () => {
  assertThrows(() => cString("/etc\0/passwd"), TypeError, "NUL");
  assertEquals(cString("a"), Uint8Array.of(0x61, 0));
});
