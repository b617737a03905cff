import { assert, assertEquals } from "@std/assert";
import { monotonicClock } from "../../lib/os/clock.ts";
import { CWD, Descriptor, Open, open } from "../../lib/os/file.ts";
import { ServiceConfig } from "../../lib/servicedir/config.ts";
import { delayOf } from "../../lib/supervise/delays.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

Deno.test("a timeout of the service directory that is absent or 0 arms no timer", async () => {
  await using place = await temporaryDirectory();
  using directory = new Descriptor(open(CWD, place.path, Open.PATH));
  const config = new ServiceConfig(directory.fd, (message) => {
    throw new Error(message);
  });
  assertEquals(delayOf("kill", config, undefined), undefined);
  assertEquals(delayOf("finish", config, undefined), 5000);
  Deno.writeTextFileSync(`${place.path}/timeout-kill`, "70\n");
  Deno.writeTextFileSync(`${place.path}/timeout-finish`, "0\n");
  assertEquals(delayOf("kill", config, undefined), 70);
  assertEquals(delayOf("finish", config, undefined), undefined);
  assertEquals(delayOf("killAgain", config, undefined), 5000);
  assertEquals(delayOf("retry", config, undefined), 60_000);
});

Deno.test("a service that was ready for a second is started again at once, others in a second", async () => {
  await using place = await temporaryDirectory();
  using directory = new Descriptor(open(CWD, place.path, Open.PATH));
  const config = new ServiceConfig(directory.fd, () => {});
  assertEquals(delayOf("restart", config, undefined), 1000);
  assertEquals(delayOf("restart", config, monotonicClock() - 1000), 0);
  const rest = delayOf("restart", config, monotonicClock() - 400)!;
  assert(rest > 0 && rest <= 600, `${rest}`);
});
