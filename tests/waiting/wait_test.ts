import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { pipe } from "../../lib/os/descriptor.ts";
import { close, tryRead, writeAll } from "../../lib/os/file.ts";
import { type Ending, feed, type Source, type Wait } from "../../lib/waiting/wait.ts";
import { waitBlocking } from "../../lib/waiting/wait_blocking.ts";
import { waitOnReactor } from "../../lib/waiting/wait_on_reactor.ts";
import { deadlineAfter } from "../../lib/waiting/wait.ts";
import { DEADLINE } from "../support/deadline.ts";
import { openDescriptors } from "../support/open_descriptors.ts";
import { reactor } from "../../lib/os/reactor.ts";
import { within } from "../support/within.ts";

/** Waits for a text from each of several sources. */
class Texts implements Wait {
  readonly received: string[];
  readonly #text: string;

  constructor(count: number, text: string) {
    this.received = Array.from({ length: count }, () => "");
    this.#text = text;
  }

  receive(index: number, bytes: Uint8Array): void {
    this.received[index] += new TextDecoder().decode(bytes);
  }

  get done(): boolean {
    return this.received.every((received) => received.includes(this.#text));
  }
}

/** Makes a source that gives these texts, one at each read. */
function source(...texts: string[]): Source {
  return {
    fd: -1,
    read() {
      const text = texts.shift();
      if (text === undefined) throw new Error("nothing left to read");
      return new TextEncoder().encode(text);
    },
  };
}

const DONE: Ending = { how: "done" };
const TIMED_OUT: Ending = { how: "timed out" };

Deno.test("a wait is fed from the readable sources only, and goes on until it is done", () => {
  const sources = [source("a", "U"), source("U")];
  const wait = new Texts(2, "U");
  assertEquals(feed(sources, wait, [], false), undefined);
  assertEquals(feed(sources, wait, [0], false), undefined);
  assertEquals(wait.received, ["a", ""]);
  assertEquals(feed(sources, wait, [0, 1], false), DONE);
  assertEquals(wait.received, ["aU", "U"]);
});

Deno.test("sources are not read once the wait is done", () => {
  const wait = { received: 0, receive: () => void wait.received++, done: false };
  assertEquals(feed([source()], { ...wait, done: true }, [0], false), DONE);
  assertEquals(wait.received, 0);
});

Deno.test("at the deadline a wait that is done has not timed out", () => {
  assertEquals(feed([source("U")], new Texts(1, "U"), [0], true), DONE);
  assertEquals(feed([source("u")], new Texts(1, "U"), [0], true), TIMED_OUT);
});

Deno.test("a source that can't be read ends the wait as a failure", () => {
  const ending = feed([source("u"), source()], new Texts(2, "U"), [0, 1], true);
  assertEquals(ending?.how, "failed");
  assertEquals((ending as { error: Error }).error.message, "nothing left to read");
});

/** Makes pipes whose reading ends are sources. */
function pipes(count: number) {
  const made = Array.from({ length: count }, () => pipe({ nonblockingRead: true }));
  return {
    sources: made.map(({ read }): Source => ({
      fd: read,
      read() {
        const buffer = new Uint8Array(16);
        return buffer.subarray(0, Math.max(0, tryRead(read, buffer)));
      },
    })),
    write: (index: number, text: string) =>
      writeAll(made[index]!.write, new TextEncoder().encode(text), "to the pipe"),
    [Symbol.dispose]: () => made.flatMap(({ read, write }) => [read, write]).forEach(close),
  };
}

interface Clock {
  /** Waits. Calls `then` when the wait has begun, or right before where it blocks the thread. */
  wait(
    sources: readonly Source[],
    wait: Wait,
    deadline: number,
    then?: () => void,
  ): Promise<Ending>;
}

const clocks: Record<string, Clock> = {
  "in poll(2)": {
    wait(sources, wait, deadline, then) {
      then?.();
      return Promise.resolve(waitBlocking(sources, wait, deadline) ? DONE : TIMED_OUT);
    },
  },
  "on the reactor": {
    async wait(sources, wait, deadline, then) {
      const { promise, resolve } = Promise.withResolvers<Ending>();
      using _wait = waitOnReactor(sources, wait, deadline, resolve);
      then?.();
      return await within(promise, "the end of the wait");
    },
  },
};

for (const [name, clock] of Object.entries(clocks)) {
  Deno.test(`${name}: a wait ends as soon as its last source has received the text`, async () => {
    using made = pipes(3);
    const wait = new Texts(3, "U");
    made.write(1, "sU");
    const ending = await clock.wait(made.sources, wait, Infinity, () => {
      made.write(2, "U");
      made.write(0, "suU");
    });
    assertEquals(ending, DONE);
    assertEquals(wait.received, ["suU", "sU", "U"]);
  });

  Deno.test(`${name}: a wait that is done already needs neither events nor time`, async () => {
    using made = pipes(1);
    const wait = new Texts(1, "");
    assertEquals(await clock.wait(made.sources, wait, -Infinity), DONE);
  });

  Deno.test(`${name}: a wait times out at its deadline, and not before`, async () => {
    using made = pipes(2);
    const began = performance.now();
    const ending = await clock.wait(made.sources, new Texts(2, "U"), deadlineAfter(30), () => {
      made.write(0, "U");
    });
    assertEquals(ending, TIMED_OUT);
    assertEquals(performance.now() - began >= 29, true, "it ended too early");
  });

  Deno.test(`${name}: a wait leaves no descriptor watched or open`, async () => {
    reactor();
    const before = openDescriptors();
    for (let time = 0; time < 3; time++) {
      using made = pipes(2);
      made.write(0, "U");
      made.write(1, "U");
      await clock.wait(made.sources, new Texts(2, "U"), deadlineAfter(DEADLINE));
    }
    assertEquals(openDescriptors(), before);
  });
}

Deno.test("in poll(2): an error of a source is thrown", () => {
  using made = pipes(1);
  made.write(0, "U");
  const broken = [{ ...made.sources[0]!, read: source().read }];
  assertThrows(
    () => waitBlocking(broken, new Texts(1, "U"), Infinity),
    Error,
    "nothing left to read",
  );
});

Deno.test("on the reactor: an error of a source ends the wait", async () => {
  using made = pipes(1);
  const error = new Error("no such luck");
  const broken: Source = {
    fd: made.sources[0]!.fd,
    read() {
      throw error;
    },
  };
  const ending = await clocks["on the reactor"]!.wait(
    [broken],
    new Texts(1, "U"),
    deadlineAfter(DEADLINE),
    () => made.write(0, "U"),
  );
  assertEquals(ending.how, "failed");
  assertStrictEquals((ending as { error: Error }).error, error);
});

Deno.test("on the reactor: a wait that is disposed of never settles", async () => {
  using made = pipes(2);
  const settled: Ending[] = [];
  const start = (index: number) =>
    waitOnReactor(
      [made.sources[index]!],
      new Texts(1, "U"),
      deadlineAfter(20),
      (ending) => settled.push(ending),
    );
  const first = start(0);
  using _second = start(1);
  made.write(0, "U");
  first[Symbol.dispose]();
  const { promise, resolve } = Promise.withResolvers<void>();
  reactor().after(40, resolve);
  await within(promise, "the time after the deadline");
  assertEquals(settled, [TIMED_OUT]);
});

Deno.test("on the reactor: a source may dispose of its own wait", async () => {
  using made = pipes(1);
  const settled: Ending[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const wait: Disposable = waitOnReactor(
    [{
      fd: made.sources[0]!.fd,
      read() {
        wait[Symbol.dispose]();
        resolve();
        return made.sources[0]!.read();
      },
    }],
    new Texts(1, "U"),
    Infinity,
    (ending) => settled.push(ending),
  );
  made.write(0, "U");
  await within(promise, "the read");
  assertEquals(settled, []);
});
