import { assertEquals } from "@std/assert";
import {
  JOURNAL_HEAD_BYTES,
  type JournalHead,
  packHead,
  unpackHead,
} from "../../../lib/log/collector/journal_head.ts";

const heads: readonly JournalHead[] = [
  { done: 512, upto: 512 },
  { done: 600, upto: 700, write: { instant: 1n, format: "tT", inode: "77", position: 0 } },
  { done: 512, upto: 512, length: 520 },
  { done: 512, upto: 900, obstacle: { since: 12n, reason: "cannot write to /a b: it is full" } },
];

Deno.test("a head is read as it was written, at one size", () => {
  for (const head of heads) {
    const bytes = packHead(head);
    assertEquals(bytes.length, JOURNAL_HEAD_BYTES);
    assertEquals(unpackHead(bytes), head);
  }
});

Deno.test("a long reason is cut", () => {
  const reason = "x".repeat(1000);
  const head = unpackHead(packHead({ done: 512, upto: 512, obstacle: { since: 1n, reason } }));
  assertEquals(head?.done, 512);
  assertEquals(reason.startsWith(head!.obstacle!.reason), true);
});

Deno.test("what is no head, or not whole, is none", () => {
  const whole = packHead(heads[1]!);
  for (const length of [0, 1, 100, JOURNAL_HEAD_BYTES - 1]) {
    assertEquals(unpackHead(whole.subarray(0, length)), undefined);
  }
  assertEquals(unpackHead(new Uint8Array(JOURNAL_HEAD_BYTES)), undefined);
  assertEquals(unpackHead(packHead({ done: 3, upto: 5 })), undefined, "before its own end");
  assertEquals(unpackHead(packHead({ done: 700, upto: 600 })), undefined);
});
