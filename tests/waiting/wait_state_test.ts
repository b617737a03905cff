import { assertEquals } from "@std/assert";
import type { ServiceStatus } from "../../lib/servicedir/status.ts";
import {
  type AwaitedState,
  ServicesWait,
  type ServicesWaitOptions,
} from "../../lib/waiting/wait_state.ts";
import { DOWN } from "../support/down_status.ts";

const UP = { ...DOWN, pid: 42, finished: false };
const READY = { ...UP, ready: true };
const FINISHING = { ...DOWN, pid: 43, finishing: true, finished: false };

function waitFor(
  state: AwaitedState,
  statuses: readonly ServiceStatus[],
  options: ServicesWaitOptions = {},
): ServicesWait {
  const waiting = new ServicesWait(options);
  for (const status of statuses) waiting.add(status, state);
  return waiting;
}

/** Feeds one service byte by byte. Returns the number of bytes until the wait was over, or -1. */
function bytesUntilDone(state: AwaitedState, status: ServiceStatus, events: string): number {
  const waiting = waitFor(state, [status]);
  let count = 0;
  for (; !waiting.done && count < events.length; count++) receive(waiting, 0, events[count]!);
  return waiting.done ? count : -1;
}

function receive(waiting: ServicesWait, index: number, events: string): void {
  waiting.receive(index, new TextEncoder().encode(events));
}

Deno.test("each state is recognized in the status, before any event", () => {
  const table: Record<AwaitedState, ServiceStatus[]> = {
    up: [UP, READY],
    ready: [READY],
    down: [DOWN, FINISHING],
    finished: [DOWN],
    restarted: [],
    restartedReady: [],
  };
  for (const [state, reached] of Object.entries(table)) {
    for (const status of [DOWN, UP, READY, FINISHING]) {
      const { done } = waitFor(state as AwaitedState, [status]);
      assertEquals(done, reached.includes(status), `${state} ${JSON.stringify(status.pid)}`);
    }
  }
});

Deno.test("each state is recognized at exactly the event that causes it", () => {
  assertEquals(bytesUntilDone("up", DOWN, "uU"), 1);
  assertEquals(bytesUntilDone("ready", DOWN, "uU"), 2);
  assertEquals(bytesUntilDone("ready", DOWN, "udDuU"), 5);
  assertEquals(bytesUntilDone("down", READY, "dD"), 1);
  assertEquals(bytesUntilDone("finished", READY, "dD"), 2);
  assertEquals(bytesUntilDone("restarted", READY, "UdDuU"), 4);
  assertEquals(bytesUntilDone("restartedReady", READY, "UdDuU"), 5);
  assertEquals(bytesUntilDone("restarted", DOWN, "uU"), 1);
  assertEquals(bytesUntilDone("restarted", FINISHING, "Du"), 2);
});

Deno.test("a restart can ask that finish has ended before the service counts as down", () => {
  const waiting = waitFor("restarted", [READY], { downMeansFinished: true });
  receive(waiting, 0, "du");
  assertEquals(waiting.done, false);
  receive(waiting, 0, "dDu");
  assertEquals(waiting.done, true);
});

Deno.test("bytes that are not events change nothing", () => {
  const waiting = waitFor("ready", [UP]);
  receive(waiting, 0, "s\0zé");
  assertEquals([waiting.done, waiting.failed], [false, []]);
});

Deno.test("all services must be in the state at one time, or with any one of them", () => {
  const all = waitFor("up", [DOWN, DOWN]);
  receive(all, 0, "u");
  receive(all, 0, "dD");
  receive(all, 1, "u");
  assertEquals(all.done, false);
  receive(all, 0, "u");
  assertEquals(all.done, true);
  const any = waitFor("up", [DOWN, DOWN], { any: true });
  receive(any, 1, "u");
  assertEquals(any.done, true);
});

Deno.test("services that restart one after the other have restarted", () => {
  const waiting = waitFor("restarted", [READY, READY]);
  receive(waiting, 0, "dDu");
  assertEquals(waiting.done, false);
  receive(waiting, 1, "dDu");
  assertEquals(waiting.done, true);
});

Deno.test("a restart of any means that all were down, and one is up", () => {
  const waiting = waitFor("restarted", [READY, READY], { any: true });
  receive(waiting, 0, "dDu");
  assertEquals(waiting.done, false);
  receive(waiting, 1, "d");
  assertEquals(waiting.done, true);
});

Deno.test("a permanent failure ends a wait for up as a failure, and a wait for down not at all", () => {
  const up = waitFor("ready", [READY, DOWN].toReversed());
  receive(up, 0, "udOD");
  assertEquals([up.done, up.failed], [true, [0]]);
  const down = waitFor("finished", [READY]);
  receive(down, 0, "dO");
  assertEquals([down.done, down.failed], [false, []]);
  receive(down, 0, "D");
  assertEquals([down.done, down.failed], [true, []]);
});

Deno.test("events after a permanent failure do not prolong the wait for other services", () => {
  const waiting = waitFor("up", [DOWN, DOWN]);
  receive(waiting, 0, "udOD");
  receive(waiting, 1, "u");
  assertEquals([waiting.done, waiting.failed], [true, [0]]);
});

Deno.test("a permanent failure is also one where a restart was waited for", () => {
  const waiting = waitFor("restarted", [READY], { downMeansFinished: true });
  receive(waiting, 0, "dOD");
  assertEquals([waiting.done, waiting.failed], [true, [0]]);
});

Deno.test("the exit of a supervisor is a failure in any but exactly the wanted state", () => {
  const cases: [AwaitedState, string, boolean][] = [
    ["up", "dDx", true],
    ["ready", "dDx", true],
    ["restarted", "dDx", true],
    ["finished", "x", true],
  ];
  for (const [state, events, failed] of cases) {
    // A second service prolongs the wait.
    const waiting = waitFor(state, [UP, state === "finished" ? UP : DOWN]);
    receive(waiting, 0, events);
    assertEquals(waiting.failed.length === 1, failed, `${state} ${events}`);
  }
  const gone = waitFor("finished", [READY, READY]);
  receive(gone, 0, "dDx");
  assertEquals(gone.failed, []);
  receive(gone, 1, "dD");
  assertEquals(gone.done, true);
});

Deno.test("a service that was given up is neither waited for nor a failure", () => {
  const waiting = waitFor("up", [DOWN, DOWN]);
  waiting.giveUp(0);
  receive(waiting, 1, "u");
  assertEquals([waiting.done, waiting.failed], [true, []]);
});

Deno.test("events after the end are ignored", () => {
  const waiting = waitFor("up", [DOWN]);
  receive(waiting, 0, "uOx");
  assertEquals([waiting.done, waiting.failed], [true, []]);
});

Deno.test("a service without a status is in no state before its status is learned", () => {
  for (
    const [state, status, done] of [
      ["up", UP, true],
      ["up", DOWN, false],
      ["ready", UP, false],
      ["ready", READY, true],
      ["down", DOWN, true],
      ["finished", DOWN, true],
      ["finished", UP, false],
      ["restarted", UP, false],
      ["restarted", DOWN, false],
    ] as const
  ) {
    const waiting = new ServicesWait();
    waiting.add(undefined, state);
    assertEquals(waiting.done, false, state);
    waiting.learn(0, status);
    assertEquals(waiting.done, done, `${state} of ${JSON.stringify(status.pid)}`);
  }
});
