import { assertEquals } from "@std/assert";
import { Descriptor, Open, open } from "../../lib/os/file.ts";
import { CWD } from "../../lib/os/file.ts";
import { FailureNote, readFailure } from "../../lib/servicedir/failure.ts";
import { openControl } from "../../lib/servicedir/supervise_dir.ts";
import { SupervisePath } from "../../lib/servicedir/protocol.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

/** Takes a service directory as `sv` does. */
async function taken() {
  await using stack = new AsyncDisposableStack();
  const place = stack.use(await temporaryDirectory());
  const directory = stack.use(new Descriptor(open(CWD, place.path, Open.READ | Open.DIRECTORY)));
  const held = openControl(directory.fd, SupervisePath, place.path);
  const kept = stack.move();
  return {
    path: place.path,
    file: `${place.path}/${SupervisePath.failure}`,
    fd: directory.fd,
    held,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

Deno.test("a failure is read as it was noted, until the next start", async () => {
  await using place = await taken();
  using _held = place.held;
  const note = new FailureNote(place.fd, false);
  assertEquals(readFailure(place.path), undefined);
  note.write("start", "cannot start ./run: a\nlink to nowhere");
  const failure = { kind: "start", reason: "cannot start ./run: a link to nowhere" } as const;
  assertEquals(readFailure(place.path), failure);
  note.write("permanent", "failed");
  assertEquals(readFailure(place.path), { kind: "permanent", reason: "failed" });
  note.clear();
  assertEquals(readFailure(place.path), undefined);
});

Deno.test("a note of a former supervisor holds until the next start", async () => {
  await using place = await taken();
  using _held = place.held;
  new FailureNote(place.fd, false).write("start", "x");
  const next = new FailureNote(place.fd, true);
  assertEquals(readFailure(place.path)?.reason, "x");
  next.clear();
  assertEquals(readFailure(place.path), undefined);
});

Deno.test("where no failure was noted, a start looks for no note", async () => {
  await using place = await taken();
  using _held = place.held;
  const note = new FailureNote(place.fd, false);
  Deno.writeTextFileSync(place.file, "start x\n");
  note.clear();
  assertEquals(Deno.readTextFileSync(place.file), "start x\n");
});

Deno.test("a note that sv has left to another supervisor, or that is damaged, counts for nothing", async () => {
  await using place = await taken();
  new FailureNote(place.fd, false).write("start", "x");
  for (const text of ["", "\n", "start", "other x\n", "\0\xff"]) {
    Deno.writeTextFileSync(`${place.file}`, text);
    assertEquals(readFailure(place.path), undefined, JSON.stringify(text));
  }
  Deno.writeTextFileSync(place.file, "start x\n");
  assertEquals(readFailure(place.path)?.reason, "x");
  place.held[Symbol.dispose]();
  assertEquals(readFailure(place.path), undefined);
});
