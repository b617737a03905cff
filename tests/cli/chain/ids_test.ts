import { assertEquals } from "@std/assert";
import { parseId, parseIds } from "../../../lib/cli/chain/ids.ts";

for (
  const [text, id] of [
    ["0", 0],
    ["007", 7],
    ["4294967295", 4_294_967_295],
    ["4294967296", undefined],
    ["", undefined],
    ["-1", undefined],
    ["+1", undefined],
    ["1 ", undefined],
    ["0x1", undefined],
    ["1e3", undefined],
    ["99999999999999999999999", undefined],
  ] as const
) {
  Deno.test(`the number of a user or group: '${text}' is ${id}`, () => {
    assertEquals(parseId(text), id);
  });
}

for (
  const [text, ids] of [
    ["", []],
    ["1", [1]],
    ["1,2,3", [1, 2, 3]],
    ["1,2,", [1, 2]],
    ["1:2;3 4\n", [1, 2, 3, 4]],
    [",1", undefined],
    [",", undefined],
    ["1,x", undefined],
    ["1,2x", undefined],
    ["1,-2", undefined],
  ] as const
) {
  Deno.test(`a list of groups: ${JSON.stringify(text)} is ${JSON.stringify(ids)}`, () => {
    assertEquals(parseIds(text), ids && [...ids]);
  });
}
