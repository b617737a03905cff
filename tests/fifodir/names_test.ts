import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  isListener,
  LISTENER_INITIAL,
  LISTENER_KIND,
  LISTENER_NAME_LENGTH,
  LISTENER_PREFIX,
  newListenerName,
} from "../../lib/fifodir/names.ts";

const withNul = (name: string) => new TextEncoder().encode(`${name}\0`);
const NAME = "ftrig1:@400000006000000000000000:abcdef";

Deno.test("a new name has the form that s6 gives to a listener's FIFO", () => {
  const name = newListenerName(1_795_224_321_000_000_001n);
  assertMatch(name, /^ftrig1:@4[0-9a-f]{23}:[a-zA-Z0-9]{6}$/);
  assertEquals(name.length, LISTENER_NAME_LENGTH);
  assert(name.startsWith(LISTENER_PREFIX));
  assertEquals(name.charCodeAt(0), LISTENER_INITIAL);
  assert(isListener(withNul(name)));
});

Deno.test("two names of the same moment differ", () => {
  assert(new Set(Array.from({ length: 100 }, () => newListenerName(0n))).size > 95);
});

Deno.test("a name of another length, or with another beginning, is no listener's", () => {
  assert(isListener(withNul(NAME)));
  for (const other of [NAME.slice(0, -1), `${NAME}g`, "", NAME.replace("ftrig1", "ftrig2")]) {
    assert(!isListener(withNul(other)), other);
  }
});

Deno.test("only as much of the beginning is compared as counts for the caller", () => {
  const old = withNul(NAME.replace(":@", ":x"));
  assert(!isListener(old));
  assert(isListener(old, LISTENER_KIND.length));
});
