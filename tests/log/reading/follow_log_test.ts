import { assert, assertEquals } from "@std/assert";
import { LogDirectory } from "../../../lib/log/directory/log_directory.ts";
import { DEFAULT_SETTINGS } from "../../../lib/log/directory/settings.ts";
import { FollowedLog } from "../../../lib/log/reading/follow_log.ts";
import { textOf } from "../../../lib/log/reading/log_line.ts";
import { logDirectoryAt, logFileAt, openLog } from "../../../lib/log/reading/open_log.ts";
import { readForward } from "../../../lib/log/reading/read_log.ts";
import { StampReader } from "../../../lib/log/reading/stamps.ts";
import { decodeOs, encodeOs } from "../../../lib/os/os_string.ts";
import { formatTai64n } from "../../../lib/tai/tai64n.ts";
import { type Random, seeds, withRandom } from "../../support/random.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { until } from "../../support/until.ts";

const stamps = new StampReader(() => 0);
const warn = (problem: string) => assert(false, problem);
const following = { stamps, warn, now: () => 0n };

const PROCESSORS = [undefined, "cat", "gzip -n", "sleep 0.03; cat"];

/** Writes numbered lines, many at a time, and rotations with them, and looks at the log now and then. */
async function follow(random: Random, script: string | undefined, stamped: boolean) {
  await using at = await temporaryDirectory();
  const directory = LogDirectory.open(at.path, {
    ...DEFAULT_SETTINGS,
    fileSize: 4096,
    archives: 1000,
    cooldown: 50,
    processor: script === undefined ? undefined : { interpreter: "sh", script },
  });
  let time = 1_700_000_000_000_000_000n;
  let number = 0;
  let pending: Uint8Array<ArrayBuffer> = new Uint8Array();
  const write = async () => {
    let text = "";
    // Lines that are read at once have one stamp: also those on both sides of a rotation.
    time += 1_000_000n;
    for (let count = random.below(150); count > 0; count--) {
      text += `${stamped ? `${formatTai64n(time)} ` : ""}line ${number++}\n`;
    }
    pending = encodeOs(text);
    await until(() => {
      pending = pending.subarray(directory.write(pending));
      return pending.length === 0;
    }, "the lines to be written");
  };
  for (let count = 0; count < 5; count++) await write();
  const log = openLog(logDirectoryAt(at.path));
  const got: string[] = [];
  for await (const lines of readForward(log, { stamps, warn })) {
    for (const line of lines) got.push(decodeOs(textOf(line)));
  }
  using followed = new FollowedLog(log, log.current?.size ?? 0, following);
  const take = async () => {
    for (const line of await followed.take()) got.push(decodeOs(textOf(line)));
  };
  for (let count = 0; count < 40; count++) {
    await write();
    if (random.chance(0.2)) directory.rotate();
    if (random.chance(0.4)) await take();
    if (random.chance(0.2)) await until(() => !directory.archiving, "the end of a rotation");
  }
  await take();
  await until(() => !directory.archiving, "the end of a rotation");
  await take();
  await directory.close();
  assertEquals(got.length, number);
  assert(got.every((line, index) => line === `line ${index}`), "lines in their order");
}

for (const seed of seeds(1)) {
  for (const script of PROCESSORS) {
    for (const stamped of [true, false]) {
      const how = `${stamped ? "with" : "without"} stamps, processor: ${script ?? "none"}`;
      Deno.test(`no line is lost or repeated through rotations, ${how}`, () =>
        withRandom(seed, (random) => follow(random, script, stamped)));
    }
  }
}

Deno.test("a line is taken when it is whole; a file that is cut off is read from its end", async () => {
  await using at = await temporaryDirectory();
  const path = `${at.path}/file`;
  Deno.writeTextFileSync(path, "one\n");
  using followed = new FollowedLog(openLog(logFileAt(path)), 4, following);
  const take = async () => (await followed.take()).map(({ bytes }) => decodeOs(bytes));
  assertEquals(await take(), []);
  Deno.writeTextFileSync(path, "tw", { append: true });
  assertEquals(await take(), []);
  Deno.writeTextFileSync(path, "o\nthree\nfo", { append: true });
  assertEquals(await take(), ["two", "three"]);
  Deno.truncateSync(path);
  assertEquals(await take(), []);
  Deno.writeTextFileSync(path, "five\n", { append: true });
  assertEquals(await take(), ["five"]);
  Deno.renameSync(path, `${path}.1`);
  Deno.writeTextFileSync(`${path}.1`, "six\n", { append: true });
  assertEquals(await take(), ["six"]);
  Deno.writeTextFileSync(path, "seven\n");
  assertEquals(await take(), ["seven"]);
});
