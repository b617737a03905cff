/** `sv tai64nlocal` beside s6's own. */
import { assertEquals } from "@std/assert";
import { missingPrograms, testNeeding } from "../../support/needs.ts";
import { svCommand } from "../../support/program.ts";
import { type Random, seeds, withRandom } from "../../support/random.ts";
import { filter } from "./filter.ts";
import { until } from "../../support/until.ts";
import { within } from "../../support/within.ts";

const needs = [missingPrograms("s6-tai64nlocal")];

/** Seconds of TAI64 at which something changes: the first that count, leap seconds, summer time, far years. */
const EDGES = [
  2n ** 62n,
  2n ** 62n + 10n,
  2n ** 62n + 0x4b2580an,
  2n ** 62n + 0x586846a4n,
  2n ** 62n + 1_774_746_037n,
  2n ** 62n + 1_792_890_037n,
  2n ** 62n + 2n ** 32n,
  2n ** 62n + 2n ** 53n,
  // The last years that an int has; s6-tai64nlocal makes nonsense of the 1,900 after them.
  2n ** 62n + 67_700_000_000_000_000n,
  2n ** 62n + 67_768_036_200_000_000n,
  2n ** 63n,
];

function line(random: Random): string {
  const hex = (value: bigint, digits: number) =>
    value.toString(16).padStart(digits, "0").slice(-digits);
  const seconds = random.pick(EDGES) +
    BigInt(random.below(5) - 2) * random.pick([1n, 1n, 3600n, 86_400n]);
  const nanoseconds = random.chance(0.9) ? random.below(1e9) : random.below(2 ** 32);
  let stamp = `@${hex(seconds, 16)}${hex(BigInt(nanoseconds), 8)}`;
  if (random.chance(0.2)) stamp = stamp.toUpperCase();
  if (random.chance(0.1)) stamp = stamp.slice(0, random.below(26));
  if (random.chance(0.1)) {
    stamp = stamp.replace(random.pick("@0123456789abcdef"), random.pick("@gG \0é"));
  }
  const text = random.pick([
    " text",
    "",
    "text",
    ` ${"x".repeat(random.below(2000))}`,
    " @",
    "\r",
  ]);
  return random.chance(0.1) ? text : stamp + text;
}

const ZONES = ["UTC", "Europe/Berlin", "Asia/Kathmandu", "CET-1CEST,M3.5.0,M10.5.0/3"];

for (const seed of seeds(1)) {
  for (const zone of ZONES) {
    testNeeding(
      needs,
      `sv tai64nlocal writes what s6-tai64nlocal does, in ${zone}`,
      () =>
        withRandom(seed, async (random) => {
          const lines = Array.from({ length: 200 }, () => line(random)).join("\n");
          for (const args of [[], ["-g"]]) {
            assertEquals(
              await filter([...svCommand("tai64nlocal"), ...args], lines, { TZ: zone }),
              await filter(["s6-tai64nlocal", ...args], lines, { TZ: zone }),
            );
          }
        }),
    );
  }
}

testNeeding(
  needs,
  "sv tai64nlocal treats a last line without a newline as s6-tai64nlocal does",
  async () => {
    const stamp = "@4000000065a0b3c11dcd6500";
    for (
      const stdin of [
        "",
        "x",
        stamp,
        `${stamp} `,
        `${stamp}\n`,
        `${stamp} a\n${stamp} b`,
        "\n\n",
        `${stamp}\n${stamp}`,
      ]
    ) {
      assertEquals(
        await filter(svCommand("tai64nlocal"), stdin),
        await filter(["s6-tai64nlocal"], stdin),
        JSON.stringify(stdin),
      );
    }
  },
);

Deno.test("a line comes out at once, and a reader that is gone ends the filter by SIGPIPE", async () => {
  for (const command of ["tai64n", "tai64nlocal"]) {
    const [program, ...args] = svCommand(command) as [string, ...string[]];
    await using child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped" })
      .spawn();
    const writer = child.stdin.getWriter();
    const reader = child.stdout.getReader();
    for (const text of ["one\nbegun", " two\n"]) {
      await writer.write(new TextEncoder().encode(text));
      const { value } = await within(reader.read(), `a line of ${command}`);
      const words = text === "one\nbegun" ? "one\n" : "begun two\n";
      assertEquals(new TextDecoder().decode(value).replace(/^@\w{24} /, ""), words);
    }
    await reader.cancel();
    let ended = false;
    const status = child.status.finally(() => ended = true);
    // The kernel may close the pipe a moment later.
    await until(async () => {
      await writer.write(new TextEncoder().encode("three\n")).catch(() => {});
      return ended;
    }, `the end of ${command}`);
    const { signal } = await status;
    assertEquals(signal, "SIGPIPE");
    await writer.abort().catch(() => {});
  }
});
