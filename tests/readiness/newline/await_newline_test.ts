import { assertEquals } from "@std/assert";
import { pipe } from "../../../lib/os/descriptor.ts";
import { close, writeAll } from "../../../lib/os/file.ts";
import { awaitNewline } from "../../../lib/readiness/newline/await_newline.ts";
import { deadlineAfter } from "../../../lib/waiting/wait.ts";

/** Writes texts to a pipe, closes it or not, and awaits a newline on it. */
function awaited(texts: string[], end: "closed" | "open", milliseconds: number) {
  const { read, write } = pipe();
  for (const text of texts) writeAll(write, new TextEncoder().encode(text), "to the pipe");
  if (end === "closed") close(write);
  try {
    return awaitNewline(read, deadlineAfter(milliseconds));
  } finally {
    close(read);
    if (end === "open") close(write);
  }
}

Deno.test("a newline counts wherever it is in what was written", () => {
  assertEquals(awaited(["\n"], "open", 10_000), "newline");
  assertEquals(awaited(["not yet, ", "now\nand more"], "open", 10_000), "newline");
  assertEquals(awaited(["x".repeat(10_000), "\n"], "open", 10_000), "newline");
});

Deno.test("a newline counts although the pipe was closed behind it", () => {
  assertEquals(awaited(["\n"], "closed", 10_000), "newline");
});

Deno.test("a pipe that is closed without a newline ends the wait", () => {
  assertEquals(awaited([], "closed", 0), "closed");
  assertEquals(awaited(["no newline"], "closed", 10_000), "closed");
});

Deno.test("text without a newline does not put the deadline off", () => {
  assertEquals(awaited(["still starting"], "open", 20), "late");
});
