import { assertEquals } from "@std/assert";
import { PendingBytes } from "../../../lib/log/output/pending_bytes.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (pending: PendingBytes) =>
  new TextDecoder().decode(pending.bytes.subarray(0, pending.length));

Deno.test("lines wait in their order, and are dropped from the start", () => {
  const pending = new PendingBytes();
  pending.putLine([bytes("1 "), bytes("p ")], bytes("xonex"), 1, 4);
  pending.putLine([], bytes("two"), 0, 3);
  assertEquals(text(pending), "1 p one\ntwo\n");
  pending.drop(4);
  assertEquals(text(pending), "one\ntwo\n");
  pending.drop(8);
  assertEquals(pending.length, 0);
});

Deno.test("there is room for any number", () => {
  const pending = new PendingBytes();
  const line = bytes("x".repeat(999));
  for (let count = 0; count < 5000; count++) pending.putLine([], line, 0, 999);
  assertEquals(text(pending), ("x".repeat(999) + "\n").repeat(5000));
  pending.drop(4_999_000);
  assertEquals(text(pending), "x".repeat(999) + "\n");
});
