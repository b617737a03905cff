import { assertEquals } from "@std/assert";
import { formatEndpoint, parseEndpoint } from "../../../lib/readiness/checks/endpoint.ts";

Deno.test("a port, alone or with a host or an address, is read and written alike", () => {
  const written: readonly (readonly [string, string | undefined, number, string])[] = [
    ["80", undefined, 80, "port 80"],
    ["65535", undefined, 65_535, "port 65535"],
    ["localhost:1", "localhost", 1, "localhost:1"],
    ["127.0.0.1:8080", "127.0.0.1", 8080, "127.0.0.1:8080"],
    ["[::1]:443", "::1", 443, "[::1]:443"],
    ["[localhost]:443", "localhost", 443, "localhost:443"],
  ];
  for (const [text, host, port, formatted] of written) {
    const endpoint = parseEndpoint(text);
    assertEquals(endpoint, { host, port }, text);
    assertEquals(formatEndpoint({ host, port }), formatted);
  }
});

Deno.test("what has no port from 1 to 65535, or an address without brackets, is no endpoint", () => {
  const wrong = ["", "0", "65536", "-1", "1e3", ":80", "host:", "host", "::1:80", "[::1]", "[]:80"];
  for (const text of [...wrong, "a b:80:80", "80 "]) {
    assertEquals(parseEndpoint(text), undefined, text);
  }
});
