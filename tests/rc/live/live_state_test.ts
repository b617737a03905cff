import { assertEquals } from "@std/assert";
import {
  formatLiveState,
  type LiveState,
  parseLiveState,
} from "../../../lib/rc/live/live_state.ts";

const STATE: LiveState = {
  definitions: "3",
  updating: "4",
  services: new Map([["a", "up"], ["b c", "starting"], ["up", "stopping"]]),
};

Deno.test("a state file can be read back", () => {
  assertEquals(
    formatLiveState(STATE),
    "definitions 3\nupdating 4\nup a\nstarting b c\nstopping up\n",
  );
  assertEquals(parseLiveState(formatLiveState(STATE)), STATE);
  const down: LiveState = { definitions: "1", services: new Map() };
  assertEquals(parseLiveState(formatLiveState(down)), down);
});

for (
  const [what, text] of [
    ["is empty", ""],
    ["does not end with a newline", "definitions 1\nup a"],
    ["names no definitions", "up a\n"],
    ["has an unknown word", "definitions 1\ndown a\n"],
    ["has a word without a name", "definitions 1\nup \n"],
    ["has an empty line", "definitions 1\n\n"],
  ] as const
) {
  Deno.test(`a state file that ${what} is none`, () => {
    assertEquals(parseLiveState(text), undefined);
  });
}
