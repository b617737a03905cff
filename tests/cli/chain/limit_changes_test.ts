import { assertEquals, assertThrows } from "@std/assert";
import { LIMIT_OPTIONS, limitChanges } from "../../../lib/cli/chain/limit_changes.ts";
import { NO_LIMIT, Resource } from "../../../lib/os/resource_limits.ts";
import { parseOptions } from "../../../lib/options/parse_options.ts";
import { UsageError } from "../../../lib/options/usage_error.ts";

const changes = (...args: string[]) =>
  limitChanges(parseOptions(args, LIMIT_OPTIONS).options, () => ({ soft: 100n, hard: 200n }))
    .map(({ resource, limit }) => [resource, limit.soft, limit.hard] as const);

const o = Resource.OPEN_FILES;

for (
  const [args, expected] of [
    ["-o 50", [[o, 50n, 200n]]],
    ["-o 500", [[o, 200n, 200n]]],
    ["-o =", [[o, 200n, 200n]]],
    ["-H -o 500", [[o, 500n, 500n]]],
    ["-H -o =", [[o, NO_LIMIT, NO_LIMIT]]],
    ["-h -o 150", [[o, 100n, 150n]]],
    ["-h -o 50", [[o, 50n, 50n]]],
    ["-h -o =", [[o, 100n, NO_LIMIT]]],
    // Each begins with what the former has left.
    ["-h -o 150 -o 120", [[o, 100n, 150n], [o, 100n, 120n]]],
    ["-o 10 -h -o 50", [[o, 10n, 200n], [o, 10n, 50n]]],
    ["-m 7", [
      [Resource.DATA, 7n, 200n],
      [Resource.STACK, 7n, 200n],
      [Resource.LOCKED, 7n, 200n],
      [Resource.ADDRESS_SPACE, 7n, 200n],
    ]],
  ] as const
) {
  Deno.test(`softlimit ${args} on a soft limit of 100 and a hard one of 200`, () => {
    assertEquals(changes(...args.split(" ")), expected.map((change) => [...change] as const));
  });
}

for (const value of ["", "x", "-1", "1k", "18446744073709551616"]) {
  Deno.test(`'${value}' is no limit`, () => {
    assertThrows(() => changes("-o", value), UsageError, `not '${value}'`);
  });
}
