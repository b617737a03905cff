import { assertEquals, assertThrows } from "@std/assert";
import {
  BrokenControlError,
  control,
  isSupervised,
  NotSupervisedError,
  SystemError,
} from "../../mod.ts";
import { DEADLINE } from "../support/deadline.ts";
import { openDescriptors } from "../support/open_descriptors.ts";
import { run } from "../support/run.ts";
import { SILENT, supervisedByS6 } from "../support/supervised_by_s6.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

Deno.test("commands reach s6-supervise, and the lock tells that it runs", async () => {
  await using place = await supervisedByS6({ run: SILENT, files: { down: "" } });
  const before = openDescriptors();
  assertEquals(isSupervised(place.path), true);
  control(place.path, "u");
  assertEquals((await run(["s6-svwait", "-t", `${DEADLINE}`, "-u", place.path])).code, 0);
  control(place.path, "O", "t");
  assertEquals((await run(["s6-svwait", "-t", `${DEADLINE}`, "-D", place.path])).code, 0);
  assertEquals(openDescriptors(), before);
});

Deno.test("each reason why a service can't be controlled has an error of its own", async () => {
  await using place = await temporaryDirectory();
  const before = openDescriptors();
  const dir = `${place.path}/service`;
  assertThrows(() => control(dir, "u"), SystemError, `Cannot control ${dir}: No such file`);
  Deno.mkdirSync(dir);
  assertEquals(isSupervised(dir), false);
  assertThrows(() => control(dir, "u"), NotSupervisedError, "no supervisor is running");
  Deno.mkdirSync(`${dir}/supervise`);
  assertThrows(() => control(dir, "u"), BrokenControlError, `${dir}/supervise/control`);
  await run(["mkfifo", `${dir}/supervise/control`]);
  assertThrows(() => control(dir, "u"), NotSupervisedError, "no supervisor is running");
  Deno.removeSync(`${dir}/supervise/control`);
  Deno.mkdirSync(`${dir}/supervise/control`);
  assertThrows(() => control(dir, "u"), BrokenControlError, "Is a directory");
  Deno.removeSync(`${dir}/supervise/control`);
  Deno.writeTextFileSync(`${dir}/supervise/control`, "");
  assertThrows(() => control(dir, "u"), BrokenControlError, "not a FIFO");
  assertEquals(Deno.readTextFileSync(`${dir}/supervise/control`), "");
  assertEquals(openDescriptors(), before);
});

Deno.test("a command that there is not does not compile", async () => {
  await using place = await temporaryDirectory();
  assertThrows(() => {
    // @ts-expect-error: several commands are several arguments.
    control(place.path, "xd");
    // @ts-expect-error: there is no such command.
    control(place.path, "z");
  }, NotSupervisedError);
});
