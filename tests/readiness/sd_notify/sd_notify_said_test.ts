import { assertEquals } from "@std/assert";
import { parseNotification } from "../../../lib/readiness/sd_notify/notification.ts";
import {
  hear,
  nothingSaid,
  type Said,
  silentAt,
} from "../../../lib/readiness/sd_notify/sd_notify_said.ts";

const parse = (text: string) => parseNotification(new TextEncoder().encode(text));

/** Returns what the daemon has told after messages at the times 100, 200, … */
function after(messages: readonly string[], watchdog?: number): Said {
  return messages.reduce(
    (said, message, index) => hear(said, parse(message), 100 * (index + 1)),
    nothingSaid(watchdog),
  );
}

Deno.test("a message is lines of NAME=value; the last of a name counts, others are skipped", () => {
  assertEquals(
    [...parse("READY=1\nnonsense\n=x\nSTATUS=a=b\nSTATUS=c\n\n")],
    [["READY", "1"], ["STATUS", "c"]],
  );
  assertEquals([...parse("")], []);
});

for (
  const [messages, state] of [
    [[], "starting"],
    [["STATUS=soon"], "starting"],
    [["READY=0"], "starting"],
    [["READY=1"], "running"],
    [["RELOADING=1"], "starting"],
    [["READY=1", "RELOADING=1\nMONOTONIC_USEC=1"], "reloading"],
    [["READY=1", "RELOADING=1", "STATUS=still"], "reloading"],
    [["READY=1", "RELOADING=1", "READY=1"], "running"],
    [["READY=1", "STOPPING=1"], "stopping"],
    [["READY=1", "STOPPING=1", "READY=1"], "stopping"],
    [["STOPPING=1"], "stopping"],
  ] as const
) {
  Deno.test(`after ${JSON.stringify(messages)} a daemon is ${state}`, () => {
    assertEquals(after(messages).state, state);
  });
}

Deno.test("the status is the last one, and can be emptied", () => {
  assertEquals(after(["STATUS=one", "READY=1"]).status, "one");
  assertEquals(after(["STATUS=one", "STATUS=two\nREADY=1"]).status, "two");
  assertEquals(after(["STATUS=one", "STATUS="]).status, "");
});

Deno.test("an extension counts from the message on; it is ignored where it is not a number", () => {
  assertEquals(after(["EXTEND_TIMEOUT_USEC=5000000"]).extendedUntil, 5100);
  assertEquals(after(["EXTEND_TIMEOUT_USEC=5000000", "READY=1"]).extendedUntil, 5100);
  // An hour at most.
  assertEquals(after(["EXTEND_TIMEOUT_USEC=999999999999999"]).extendedUntil, 3_600_100);
  for (const value of ["", "-1", "1.5", "soon", "1e3"]) {
    assertEquals(after([`EXTEND_TIMEOUT_USEC=${value}`]).extendedUntil, 0, value);
  }
});

for (
  const [messages, watchdog, due] of [
    [["READY=1"], undefined, undefined],
    [[], 1000, undefined],
    [["WATCHDOG=1"], 1000, undefined],
    [["READY=1"], 1000, 1100],
    [["READY=1", "WATCHDOG=1"], 1000, 1200],
    [["READY=1", "STATUS=busy"], 1000, 1100],
    [["READY=1", "RELOADING=1", "READY=1"], 1000, 1100],
    [["READY=1", "STOPPING=1"], 1000, undefined],
    [["READY=1", "WATCHDOG_USEC=3000000"], 1000, 3200],
    [["READY=1", "WATCHDOG_USEC=0"], 1000, 1200],
    [["READY=1", "WATCHDOG_USEC=3000000"], undefined, undefined],
    [["READY=1", "WATCHDOG=trigger"], 1000, 100],
    [["READY=1", "WATCHDOG=trigger"], undefined, undefined],
    [["READY=1", "WATCHDOG=trigger", "WATCHDOG=1"], 1000, 1300],
  ] as const
) {
  const limit = watchdog === undefined ? "without a watchdog" : `with a watchdog of ${watchdog} ms`;
  Deno.test(`${limit}, after ${JSON.stringify(messages)} a daemon is silent at ${due}`, () => {
    assertEquals(silentAt(after(messages, watchdog)), due);
  });
}
