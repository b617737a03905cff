import { assertEquals } from "@std/assert";
import { request, statusIn } from "../../../lib/readiness/checks/http_status.ts";

const lines = (url: string) => request(new URL(url)).split("\r\n");

Deno.test("a request names path, query and host, and ends with an empty line", () => {
  assertEquals(lines("http://[::1]:8080/health?deep=1#part"), [
    "GET /health?deep=1 HTTP/1.1",
    "Host: [::1]:8080",
    "User-Agent: sv",
    "Accept: */*",
    "Connection: close",
    "",
    "",
  ]);
});

Deno.test("a user and a password go into a header, in UTF-8", () => {
  const basic = lines("http://J%C3%B6rg:a%3Ab@localhost/").find((line) =>
    line.startsWith("Authorization: Basic ")
  )!;
  const bytes = Uint8Array.from(atob(basic.slice(21)), (byte) => byte.charCodeAt(0));
  assertEquals(new TextDecoder().decode(bytes), "Jörg:a:b");
});

Deno.test("the status is known once its line is complete, whatever the pieces are", () => {
  const answer = "HTTP/1.1 204 No Content\r\n\r\n";
  const end = answer.indexOf("\n") + 1;
  for (let length = 0; length <= answer.length; length++) {
    const expected = length < end ? undefined : 204;
    assertEquals(statusIn(answer.slice(0, length)), expected, answer.slice(0, length));
  }
  assertEquals(statusIn("HTTP/1.0 200\n"), 200);
});

Deno.test("a preliminary answer is passed over, and the answer behind it counts", () => {
  const preliminary = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  assertEquals(statusIn(preliminary), undefined);
  assertEquals(statusIn(`${preliminary}HTTP/1.1 500 `), undefined);
  assertEquals(statusIn(`${preliminary}HTTP/1.1 500 Oh\r\n`), 500);
});

Deno.test("what can't become a status line of HTTP/1 is known to be none", () => {
  for (const text of ["S", "SSH-2.0", "\r\n", "HTTP/2 200\r\n", "HTTP/1.1 20\n"]) {
    assertEquals(statusIn(text), null, text);
  }
  assertEquals(statusIn(`HTTP/1.1 ${" ".repeat(20)}`), null);
});
