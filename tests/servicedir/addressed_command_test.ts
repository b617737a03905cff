import { assertEquals } from "@std/assert";
import { addressed, CommandReader } from "../../lib/servicedir/addressed_command.ts";
import { commandInput } from "../../lib/supervise/machine.ts";
import { seeded } from "../support/random.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("a command has the process that it is about, in whatever pieces it is read", () => {
  for (const pid of [2, 127, 128, 16_384, 4_194_304, 2 ** 31 - 1]) {
    const sent = addressed("N", pid);
    for (let cut = 0; cut <= sent.length; cut++) {
      const reader = new CommandReader();
      const read = [...reader.read(sent.subarray(0, cut)), ...reader.read(sent.subarray(cut))];
      assertEquals(read, [{ byte: 78, about: pid }]);
    }
  }
});

Deno.test("the next command is about nothing, and those of others mean what they mean", () => {
  const reader = new CommandReader();
  assertEquals(reader.read(Uint8Array.of(...bytes("u"), ...addressed("W", 300), ...bytes("d"))), [
    { byte: 117 },
    { byte: 87, about: 300 },
    { byte: 100 },
  ]);
});

Deno.test("the bytes of a process id are no commands: a supervisor that knows no addresses ignores them", () => {
  for (let byte = 0x80; byte < 0x100; byte++) assertEquals(commandInput(byte), undefined);
});

Deno.test(
  "[fuzz] no bytes before it take a command away",
  seeded(71, (random) => {
    for (let round = 0; round < 2000; round++) {
      const reader = new CommandReader();
      const noise = Uint8Array.from({ length: random.below(40) }, () => random.below(256));
      const commands = [...noise].filter((byte) => byte < 0x80);
      assertEquals(reader.read(noise).map(({ byte }) => byte), commands);
    }
  }),
);
