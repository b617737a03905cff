import { assertEquals } from "@std/assert";
import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { UnreadAnswers } from "../../../lib/cli/serve/unread_answers.ts";

/** Stands in for an answer of which some bytes wait. */
function waiting(writableLength: number, more: Partial<ServerResponse> = {}): ServerResponse {
  const state = { writableLength, writableEnded: true, closed: false, ...more };
  return Object.assign(new EventEmitter(), state) as unknown as ServerResponse;
}

Deno.test("answers count until they are read, or their connection ends", () => {
  const unread = new UnreadAnswers(100);
  const [one, other] = [waiting(60), waiting(40)];
  unread.count(one);
  assertEquals(unread.areTooMany, false);
  unread.count(other);
  assertEquals(unread.areTooMany, true);
  other.emit("close");
  assertEquals(unread.areTooMany, false);
  unread.count(waiting(40));
  assertEquals(unread.areTooMany, true);
});

Deno.test("a stream that goes on, and an answer whose connection has ended, do not count", () => {
  const unread = new UnreadAnswers(100);
  unread.count(waiting(1000, { writableEnded: false }));
  unread.count(waiting(1000, { closed: true }));
  assertEquals(unread.areTooMany, false);
});
