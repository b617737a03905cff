import { assert, assertEquals } from "@std/assert";
import {
  isExpected,
  parseExpected,
  SUCCESS,
} from "../../../lib/readiness/checks/expected_status.ts";

Deno.test("status codes and ranges of them, with commas between", () => {
  assertEquals(parseExpected("204"), [{ from: 204, to: 204 }]);
  assertEquals(parseExpected("200-399, 401"), [{ from: 200, to: 399 }, { from: 401, to: 401 }]);
  for (const wrong of ["", "20", "2xx", "300-200", "200-", "200,,201", "1000", "200 204"]) {
    assertEquals(parseExpected(wrong), undefined, wrong);
  }
});

Deno.test("both ends of a range are expected, and nothing beside it", () => {
  const ranges = parseExpected(`${SUCCESS},404`)!;
  for (const status of [200, 250, 299, 404]) assert(isExpected(ranges, status), `${status}`);
  for (const status of [199, 300, 403, 405]) assert(!isExpected(ranges, status), `${status}`);
});
