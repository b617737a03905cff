import { assertEquals } from "@std/assert";
import { makeFifodir } from "../../../mod.ts";
import { awaitSupervision } from "../../../lib/cli/instance/await_supervision.ts";
import { deadlineAfter } from "../../../lib/waiting/wait.ts";
import { DEADLINE } from "../../support/deadline.ts";
import { writeFiles } from "../../support/files.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

/** Makes service directories, of which some have a status. */
async function services(path: string, supervised: Readonly<Record<string, boolean>>) {
  for (const [name, is] of Object.entries(supervised)) {
    await writeFiles(
      `${path}/${name}`,
      is ? { "supervise/status": "x" } : { "supervise/.keep": "" },
    );
    makeFifodir(`${path}/${name}/event`);
  }
  return Object.keys(supervised).map((name) => `${path}/${name}`);
}

Deno.test("a status tells that a service is supervised: no event is waited for", async () => {
  await using place = await temporaryDirectory();
  const directories = await services(place.path, { a: true, b: true });
  assertEquals(awaitSupervision(directories, deadlineAfter(10)), true);
});

Deno.test("one service without a supervisor ends the wait at its deadline, and leaves no listener", async () => {
  await using place = await temporaryDirectory();
  const directories = await services(place.path, { a: true, b: false, c: true });
  assertEquals(awaitSupervision(directories, deadlineAfter(10)), false);
  assertEquals([...Deno.readDirSync(`${place.path}/b/event`)], []);
});

Deno.test("a supervisor that begins during the wait is heard, and what its scan began before it is seen", async () => {
  await using place = await temporaryDirectory();
  const directories = await services(place.path, { a: false, b: false });
  // As a supervisor does it: status first, event second. It waits for the listener of the second one.
  const controller = new AbortController();
  const supervisor = new Deno.Command("/bin/sh", {
    args: [
      "-c",
      'until [ -e "$(echo b/event/ftrig1*)" ]; do :; done\n' +
      "echo x >a/supervise/status; echo x >b/supervise/status; for fifo in b/event/ftrig1*; do printf s >$fifo; done",
    ],
    cwd: place.path,
    signal: controller.signal,
  }).spawn();
  try {
    assertEquals(awaitSupervision(directories, deadlineAfter(DEADLINE)), true);
  } finally {
    controller.abort();
    await supervisor.status;
  }
});
