import { assertEquals } from "@std/assert";
import { withoutUnusedDefinitions } from "../../../scripts/pack/definitions.ts";

Deno.test("a bundle keeps the definitions of the functions whose names it has", () => {
  const bundle = 'var d={_exit:"i32 -> void",getpid:"-> i32",read:"i32 buffer u32 -> i32",' +
    'close_async:"close async: i32 -> i32",fcntlLock:"fcntl: i32 i32 buffer -> i32",' +
    'poll:"buffer u64 i32 -> i32"};s._exit(1);s.read(0);f("poll")';
  assertEquals(
    withoutUnusedDefinitions(bundle),
    'var d={_exit:"i32 -> void",read:"i32 buffer u32 -> i32",poll:"buffer u64 i32 -> i32"};' +
      's._exit(1);s.read(0);f("poll")',
  );
});

Deno.test("the last definition may be left out, and other texts stay", () => {
  assertEquals(
    withoutUnusedDefinitions('d={read:"i32 -> i32",getpid:"-> i32"};s.read()'),
    'd={read:"i32 -> i32",};s.read()',
  );
  const others = '{purpose:"a -> b, c",line:"x -> y z",close:"i32 to i32"}';
  assertEquals(withoutUnusedDefinitions(others), others);
});

Deno.test("what another definition calls by its name stays, too", () => {
  const bundle = 'd={close:"i32 -> i32",close_async:"close async: i32 -> i32"};s.close_async()';
  assertEquals(
    withoutUnusedDefinitions(bundle),
    'd={close:"i32 -> i32",close_async:"close async: i32 -> i32"};s.close_async()',
  );
});
