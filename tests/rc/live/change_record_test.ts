import { assertEquals } from "@std/assert";
import {
  type ChangeRecord,
  formatChangeRecord,
  parseChangeRecord,
  readChangeRecord,
} from "../../../lib/rc/live/change_record.ts";

const record: ChangeRecord = new Map([
  ["web", { wanted: "up", since: 1000 }],
  ["mount", { wanted: "up", since: 1000, reached: 1500 }],
  ["odd\n\udcff", {
    wanted: "down",
    since: 1000,
    failure: { at: 2000, reason: "its script exited 1", output: ["x", "y"] },
  }],
]);

Deno.test("a record is read as it was written", () => {
  assertEquals(parseChangeRecord(formatChangeRecord(record)), record);
});

Deno.test("what is damaged, or of another version, is left out", () => {
  const text = (services: unknown, version = 1) => JSON.stringify({ version, services });
  for (
    const damaged of [
      "",
      "{",
      "null",
      "[]",
      text(null),
      text([]),
      text({}),
      text({ a: null }),
      text(
        { a: { wanted: "up" } },
      ),
    ]
  ) {
    assertEquals(parseChangeRecord(damaged), new Map(), damaged);
  }
  const good = { wanted: "up", since: 1 };
  assertEquals([...parseChangeRecord(text({ good, bad: { wanted: "left", since: 1 } })).keys()], [
    "good",
  ]);
  for (
    const failure of [null, 1, {}, { at: 1, reason: 2, output: [] }, {
      at: 1,
      reason: "",
      output: [1],
    }]
  ) {
    assertEquals(parseChangeRecord(text({ a: { ...good, failure } })).size, 0);
  }
  assertEquals(parseChangeRecord(text({ good }, 2)), new Map());
  assertEquals(readChangeRecord("/no/such/directory"), new Map());
});
