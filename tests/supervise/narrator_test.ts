/** What `-v` says of each change of a service's state. */
import { assertEquals } from "@std/assert";
import { monotonicClock, wallClock } from "../../lib/os/clock.ts";
import { exited, signaled } from "../../lib/os/wait_status.ts";
import { ControlCommand } from "../../lib/servicedir/protocol.ts";
import { initialState, type Input, step } from "../../lib/supervise/machine.ts";
import { Narrator } from "../../lib/supervise/narrator.ts";

/** Returns what is said of these inputs, each of which comes three hours after the last. */
function story(...inputs: readonly Input[]): string[] {
  const lines: string[] = [];
  const narrator = new Narrator((line) => lines.push(line));
  const threeHours = 3 * 3_600_000 + 20_000;
  let state = initialState(true);
  for (const input of inputs) {
    const [next] = step(state, input);
    narrator.note(state, input, next, wallClock() - BigInt(threeHours) * 1_000_000n);
    narrator.tell(next.wantUp ? monotonicClock() + threeHours : undefined);
    state = next;
  }
  return lines;
}

const started: Input = { name: "started", pid: 123 };
const finishStarted: Input = { name: "finishStarted", pid: 124 };
const died = (status: number): Input => ({ name: "death", status });
const command = (name: ControlCommand): Input => ({ name });
const { down, exit, once, pause, up } = ControlCommand;

Deno.test("a life: up, ready, died, started again", () => {
  assertEquals(
    story(started, { name: "newline" }, { name: "newline" }, died(exited(1)), {
      name: "finishAbsent",
    }),
    ["up, pid 123", "ready after 3 h", "died with exit code 1 after 3 h; started again in 3 h"],
  );
});

Deno.test("finish runs between two lives, and can end them for good", () => {
  const life = [started, died(signaled(11)), finishStarted];
  const begin = ["up, pid 123", "died by SIGSEGV after 3 h; finish runs, pid 124"];
  assertEquals(story(...life, died(exited(0))), [
    ...begin,
    "finish has ended; started again in 3 h",
  ]);
  assertEquals(story(...life, died(signaled(9))), [
    ...begin,
    "finish was ended by SIGKILL; started again in 3 h",
  ]);
  assertEquals(story(...life, died(exited(125))), [
    ...begin,
    "finish has exited 125: failed for good; it stays down",
  ]);
});

Deno.test("a service that is told to go down ends, or is killed", () => {
  assertEquals(
    story(started, command(down), { name: "timer" }, died(signaled(9)), { name: "finishAbsent" }),
    [
      "up, pid 123",
      "told to go down",
      "it has not ended in time: killed",
      "ended by SIGKILL after 3 h; it stays down",
    ],
  );
  assertEquals(story(command(down), command(up)), ["told to stay down"]);
  assertEquals(story(started, command(once)), [
    "up, pid 123",
    "it is not started again when it ends",
  ]);
  assertEquals(story(started, command(pause)), ["up, pid 123", "paused"]);
});

Deno.test("a supervisor that exits says so, and what it leaves", () => {
  assertEquals(story(started, command(exit), died(exited(0)), { name: "finishAbsent" }), [
    "up, pid 123",
    "its supervisor exits when it has ended",
    "died with exit code 0 after 3 h; its supervisor exits",
  ]);
  assertEquals(story(started, { name: "QUIT" }), [
    "up, pid 123",
    "its supervisor exits; process 123 goes on",
  ]);
  assertEquals(story({ name: "TERM" }), ["its supervisor exits"]);
});
