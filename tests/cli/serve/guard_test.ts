/** Requests that pages in a browser cause, as browsers send them. */
import { assertEquals } from "@std/assert";
import {
  refuseBody,
  refuseChange,
  refuseHost,
  refuseSite,
  tokenOf,
} from "../../../lib/cli/serve/guard.ts";

Deno.test("DNS rebinding: another name than this server's is refused", () => {
  const code = (host?: string) =>
    refuseHost(host === undefined ? {} : { host }, ["sv.example.org"])?.code;
  for (
    const host of [
      "127.0.0.1:9000",
      "[::1]:9000",
      "localhost:9000",
      "localhost",
      "LOCALHOST.",
      "sv.example.org:80",
    ]
  ) {
    assertEquals(code(host), undefined, host);
  }
  for (
    const host of [
      undefined,
      "",
      "evil.example",
      "127.0.0.1.evil.example:9000",
      "localhost.evil.example",
      "evil.example:127.0.0.1",
    ]
  ) {
    assertEquals(code(host), 421, host);
  }
});

Deno.test("a page of another site reads nothing, but may lead here", () => {
  assertEquals(refuseSite({}), undefined);
  for (const site of ["same-origin", "none"]) {
    assertEquals(refuseSite({ "sec-fetch-site": site, "sec-fetch-mode": "cors" }), undefined);
  }
  for (const site of ["cross-site", "same-site", "what else comes"]) {
    assertEquals(refuseSite({ "sec-fetch-site": site, "sec-fetch-mode": "no-cors" })?.code, 403);
    const frame = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" };
    assertEquals(refuseSite({ "sec-fetch-site": site, ...frame })?.code, 403);
    const link = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    assertEquals(refuseSite({ "sec-fetch-site": site, ...link }), undefined);
  }
});

Deno.test("CSRF: a page of another site changes nothing", () => {
  const host = "127.0.0.1:9000";
  const code = (headers: Record<string, string>) => refuseChange({ host, ...headers })?.code;
  assertEquals(code({}), undefined);
  assertEquals(code({ origin: `http://${host}`, "sec-fetch-site": "same-origin" }), undefined);
  assertEquals(code({ "content-type": "application/json; charset=utf-8" }), undefined);
  assertEquals(code({ origin: "http://evil.example" }), 403);
  assertEquals(code({ origin: "http://127.0.0.1:8000" }), 403, "another port is another origin");
  assertEquals(code({ origin: "null" }), 403);
  assertEquals(code({ "sec-fetch-site": "cross-site" }), 403);
  assertEquals(code({ "sec-fetch-site": "same-site" }), 403);
  const link = {
    "sec-fetch-site": "cross-site",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
  };
  assertEquals(code(link), 403, "a form that leads here");
  for (
    const type of [
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "text/plain",
      "application/jsonp",
    ]
  ) {
    assertEquals(code({ "content-type": type }), 415, type);
  }
});

Deno.test("bodies are refused unread", () => {
  assertEquals(refuseBody({}), undefined);
  assertEquals(refuseBody({ "content-length": "0" }), undefined);
  assertEquals(refuseBody({ "content-length": "1" })?.code, 413);
  assertEquals(refuseBody({ "transfer-encoding": "chunked" })?.code, 413);
});

Deno.test("a token is what follows Bearer", () => {
  assertEquals(tokenOf({ authorization: "Bearer abc" }), "abc");
  assertEquals(tokenOf({ authorization: "bearer  abc" }), "abc");
  assertEquals(tokenOf({ authorization: "Basic YTpi" }), undefined);
  assertEquals(tokenOf({ authorization: "Bearer " }), undefined);
  assertEquals(tokenOf({}), undefined);
});
