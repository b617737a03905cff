import { assertEquals } from "@std/assert";
import { confirmed, errnoNow, libc } from "../../lib/os/libc.ts";
import { CWD } from "../../lib/os/file.ts";
import { cString } from "../../lib/os/os_string.ts";
import { Errno } from "../../lib/os/system_error.ts";

/** What the runtime does at times behind a call: another one, which fails for another reason. */
function disturb(): void {
  assertEquals(libc.openat(CWD, cString("/there/is/no/such/file"), 0, 0), -1);
  assertEquals(errnoNow(), Errno.ENOENT);
}

Deno.test("why a call failed is known, whatever the runtime does behind it", () => {
  for (const disturbed of [[], [1], [2], [1, 3]]) {
    let calls = 0;
    const result = confirmed(() => {
      const closed = libc.close(-1);
      if (disturbed.includes(++calls)) disturb();
      return closed;
    });
    assertEquals([result, errnoNow()], [-1, Errno.EBADF], `disturbed: ${disturbed}`);
  }
});

Deno.test("a call that does not fail is made once", () => {
  let calls = 0;
  assertEquals(confirmed(() => ++calls), 1);
  assertEquals(calls, 1);
});
