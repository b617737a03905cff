import { assertEquals } from "@std/assert";
import { exitCode, exited, signaled, termSignal } from "../../lib/os/wait_status.ts";

Deno.test("a wait status tells an exit from a death by a signal", () => {
  assertEquals([exitCode(exited(3)), termSignal(exited(3))], [3, undefined]);
  assertEquals([exitCode(signaled(9)), termSignal(signaled(9))], [undefined, 9]);
  assertEquals([exitCode(signaled(11, true)), termSignal(signaled(11, true))], [undefined, 11]);
});

Deno.test("a wait status is the kernel's own word", () => {
  assertEquals(exited(255), 0xff00);
  assertEquals(signaled(15), 0x000f);
  assertEquals(signaled(6, true), 0x0086);
});
