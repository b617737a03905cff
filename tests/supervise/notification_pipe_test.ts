import { assertEquals } from "@std/assert";
import { pipe } from "../../lib/os/descriptor.ts";
import { close, writeAll } from "../../lib/os/file.ts";
import { NotificationPipe } from "../../lib/supervise/notification_pipe.ts";
import { openDescriptors } from "../support/open_descriptors.ts";
import { within } from "../support/within.ts";

/** Writes pieces into a notification pipe, and returns the inputs that it feeds. */
function receive(pieces: readonly string[], closes: boolean): string[] {
  const ends = pipe({ nonblockingRead: true });
  const received: string[] = [];
  const notification = new NotificationPipe(ends.read, (name) => {
    received.push(name);
    notification.close();
  });
  for (const piece of pieces) {
    if (received.length > 0) break;
    writeAll(ends.write, new TextEncoder().encode(piece), "the pipe");
    notification.read();
  }
  if (closes) close(ends.write);
  notification.read();
  notification.close();
  if (!closes) close(ends.write);
  return received;
}

Deno.test("the first newline counts, wherever it stands, and nothing else", () => {
  assertEquals(receive(["\n"], false), ["newline"]);
  // The reactor keeps what it has opened for the first pipe.
  const before = openDescriptors();
  assertEquals(receive(["some text", " and more"], false), []);
  assertEquals(receive(["some text", "\nand", "\n"], false), ["newline"]);
  assertEquals(receive(["x".repeat(5000) + "\n"], false), ["newline"]);
  // All pipes are read to one buffer: a newline that another pipe left there must not count.
  assertEquals(receive(["x"], false), []);
  assertEquals(openDescriptors(), before);
});

Deno.test("an end without a newline is told, one after a newline is not", () => {
  assertEquals(receive([], true), ["closed"]);
  assertEquals(receive(["some text"], true), ["closed"]);
  assertEquals(receive(["\n"], true), ["newline"]);
});

Deno.test("the reactor calls when something has come", async () => {
  const ends = pipe({ nonblockingRead: true });
  const { promise, resolve } = Promise.withResolvers<string>();
  const notification = new NotificationPipe(ends.read, resolve);
  writeAll(ends.write, new Uint8Array([10]), "the pipe");
  assertEquals(await within(10_000, promise, "the newline"), "newline");
  notification.close();
  close(ends.write);
});
