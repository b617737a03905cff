import { assert, assertEquals } from "@std/assert";
import { pipe } from "../../lib/os/descriptor.ts";
import { close, writeAll } from "../../lib/os/file.ts";
import { libc } from "../../lib/os/libc.ts";
import { reactor } from "../../lib/os/reactor.ts";
import { NotificationPipe } from "../../lib/supervise/notification_pipe.ts";
import { openDescriptors } from "../support/open_descriptors.ts";
import { within } from "../support/within.ts";

const F_SETPIPE_SZ = 1031;

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
  assertEquals(await within(promise, "the newline"), "newline");
  notification.close();
  close(ends.write);
});

Deno.test("a pipe that is written to without end takes a part of each turn", async () => {
  const ends = pipe({ nonblockingRead: true });
  const notification = new NotificationPipe(ends.read, () => {});
  // A function of libc that is called often is bound anew: from then on it stays.
  for (let calls = 0; calls < 200; calls++) notification.read();
  const { read } = libc;
  let reads = 0;
  // The worst writer: whenever some bytes were read, there are new ones.
  const refilled = (...args: Parameters<typeof read>) => {
    if (++reads > 10_000) throw new Error("The pipe is read for ever");
    writeAll(ends.write, new Uint8Array(256), "the pipe");
    return read(...args);
  };
  Object.defineProperty(libc, "read", { value: refilled, configurable: true });
  try {
    writeAll(ends.write, new Uint8Array(256), "the pipe");
    for (let turn = 0; turn < 10; turn++) {
      const { promise, resolve } = Promise.withResolvers<void>();
      reactor().after(0, resolve);
      await within(promise, "a timer's turn");
    }
    // The supervisor reads once more when the daemon has died; another process may write on.
    notification.read();
    assert(reads > 0);
  } finally {
    Object.defineProperty(libc, "read", { value: read, configurable: true });
    notification.close();
    close(ends.write);
  }
});

Deno.test("a newline behind all that the largest pipe holds is found at the daemon's death", () => {
  const ends = pipe({ nonblockingRead: true });
  const received: string[] = [];
  const notification = new NotificationPipe(ends.read, (name) => {
    received.push(name);
    notification.close();
  });
  assertEquals(libc.fcntl(ends.write, F_SETPIPE_SZ, 1n << 20n), 1 << 20);
  const bytes = new Uint8Array(1 << 20);
  bytes[bytes.length - 1] = 10;
  writeAll(ends.write, bytes, "the pipe");
  notification.read();
  assertEquals(received, ["newline"]);
  close(ends.write);
});
