import { assertEquals } from "@std/assert";
import { ControlCommand } from "../../lib/servicedir/protocol.ts";
import { commandForSignal, SIGNAL_COMMANDS } from "../../lib/servicedir/signal_commands.ts";

/** What s6-svc(1) says of each command that sends a signal: its number, or which file has it. */
const SENT: Readonly<Record<string, string>> = {
  a: "14",
  b: "6",
  q: "3",
  h: "1",
  k: "9",
  t: "15",
  i: "2",
  "1": "10",
  "2": "12",
  p: "19",
  c: "18",
  y: "28",
  r: "down",
  l: "reload",
  P: "19 to the group",
  C: "18 to the group",
  K: "9 to the group",
};

Deno.test("each command sends the signal that it sends under s6", () => {
  const sent = Object.entries(SIGNAL_COMMANDS).map(([command, { signal, group }]) =>
    [command, `${signal}${group ? " to the group" : ""}`] as const
  );
  assertEquals(Object.fromEntries(sent), SENT);
});

Deno.test("a signal is sent by the command for the daemon alone, if there is one", () => {
  assertEquals(commandForSignal(9), ControlCommand.kill);
  assertEquals(commandForSignal(18), ControlCommand.continue);
  assertEquals(commandForSignal(19), ControlCommand.pause);
  assertEquals(commandForSignal(11), undefined);
  assertEquals(commandForSignal(0), undefined);
});
