import { assertEquals } from "@std/assert";
import { makeFifodir, notify } from "../../mod.ts";
import { Listener } from "../../lib/fifodir/listener.ts";
import { awaitEvent } from "../../lib/waiting/await_event.ts";
import { DEADLINE } from "../support/deadline.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

Deno.test("awaitEvent tells whether every fifodir has had the event in time", async () => {
  await using place = await temporaryDirectory();
  const fifodirs = ["a", "b"].map((name) => `${place.path}/${name}`);
  for (const fifodir of fifodirs) makeFifodir(fifodir);
  using stack = new DisposableStack();
  const listeners = fifodirs.map((fifodir) => stack.use(new Listener(fifodir)));
  notify(fifodirs[0]!, "us");
  assertEquals(awaitEvent(listeners, "s", 20), false);
  notify(fifodirs[0]!, "s");
  notify(fifodirs[1]!, "s");
  assertEquals(awaitEvent(listeners, "s", DEADLINE), true);
});
