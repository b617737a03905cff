import { assertEquals } from "@std/assert";
import { optionsBehind } from "../../../lib/cli/by_name/options_behind.ts";

Deno.test("options of runit's sv go behind the verb", () => {
  const behind = (line: string) => optionsBehind(line.split(" "))?.join(" ");
  assertEquals(behind("-v up web"), "up -v web");
  assertEquals(behind("-w 5 -v start a b"), "start -w 5 -v a b");
  assertEquals(behind("-w5 stop a"), "stop -w5 a");
  assertEquals(behind("-vw 5 stop a"), "stop -vw 5 a");
  for (const line of ["up web", "-x up web", "-v", "-w 5", "--version", "-V"]) {
    assertEquals(behind(line), undefined, line);
  }
});
