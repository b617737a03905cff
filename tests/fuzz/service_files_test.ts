/** Whatever is in the files of a service directory, what is read from them is valid or left out. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { CWD, Descriptor, Open, open } from "../../lib/os/file.ts";
import { SystemError } from "../../lib/os/system_error.ts";
import { json } from "../../lib/cli/stat/stat_json.ts";
import { sentence } from "../../lib/cli/stat/stat_sentence.ts";
import { ServiceConfig } from "../../lib/servicedir/config.ts";
import {
  addDeath,
  isDeathTally,
  packDeathTally,
  readDeathTally,
  unpackDeathTally,
} from "../../lib/servicedir/death_tally.ts";
import {
  type PollingStatus,
  readPollingStatus,
  writePollingStatus,
} from "../../lib/servicedir/polling_status.ts";
import { DEATH_BYTES, STATUS_BYTES, SupervisePath } from "../../lib/servicedir/protocol.ts";
import { ProcessRecord, readIdentity, stillRuns } from "../../lib/servicedir/process_identity.ts";
import { readSdStatus, type SdStatus, writeSdStatus } from "../../lib/servicedir/sd_status.ts";
import { packStatus, readStatus, unpackStatus } from "../../lib/servicedir/status.ts";
import { Orphans } from "../../lib/servicedir/orphans.ts";
import { findSurvivor } from "../../lib/servicedir/survivor.ts";
import { pidFile } from "../../lib/readiness/checks/pid_file.ts";
import { type Random, seeded } from "../support/random.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { bytesOf, hostile, randomText, rounds } from "./bytes.ts";

/** Runs a check in an empty service directory, with a function that writes a file there. */
async function inServiceDirectory(
  check: (place: {
    path: string;
    fd: number;
    write: (file: string, text: string) => void;
  }) => void | Promise<void>,
): Promise<void> {
  await using place = await temporaryDirectory();
  await Deno.mkdir(`${place.path}/supervise`);
  using directory = new Descriptor(open(CWD, place.path, Open.PATH));
  const write = (file: string, text: string) =>
    Deno.writeFileSync(`${place.path}/${file}`, bytesOf(text));
  await check({ path: place.path, fd: directory.fd, write });
}

function randomBytes(random: Random, length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, () => random.chance(0.3) ? 0 : random.below(256));
}

Deno.test(
  "[fuzz] any 35 bytes are a status that can be shown, and a whole one comes back as it was",
  seeded(1, (random) => {
    for (let round = 0; round < rounds(2000); round++) {
      const bytes = randomBytes(random, STATUS_BYTES);
      if (random.chance(0.5)) bytes.set([0x40, 0, 0, 0], 0);
      if (random.chance(0.5)) bytes.set([0x40, 0, 0, 0], 12);
      const status = unpackStatus(bytes);
      const said: SdStatus | undefined = random.chance(0.5) ? undefined : {
        ...{ pid: 1, state: "running", extendedUntil: 0, status: randomText(random, 40) },
      };
      const observation = { status, normallyUp: random.chance(0.5), said, now: 1n };
      // deno-lint-ignore no-control-regex
      assert(!/[\x00-\x1f\x7f-\x9f]/.test(sentence(observation, random.chance(0.5))));
      assertEquals(JSON.parse(json("x", observation, 0)).up, status.pid > 0 && !status.finishing);
      const pid = random.below(2 ** 31);
      const whole = { ...status, pid, stamp: BigInt(random.below(2 ** 48)), readyStamp: 0n };
      assertEquals(unpackStatus(packStatus(whole)), whole);
    }
  }),
);

Deno.test("[fuzz] a status file is read whole, or it is an error", () =>
  inServiceDirectory(({ path, fd, write }) =>
    seeded(2, (random) => {
      for (let round = 0; round < rounds(200); round++) {
        const text = String.fromCharCode(...randomBytes(random, random.below(50)));
        write(SupervisePath.status, text);
        write(SupervisePath.process, hostile(random, `${Deno.pid} 12 boot\n`, "1 1 1\n"));
        if (text.length < STATUS_BYTES) assertThrows(() => readStatus(path), SystemError);
        else assertEquals(readStatus(path), unpackStatus(bytesOf(text.slice(0, STATUS_BYTES))));
        assertEquals(findSurvivor(fd, new Orphans(), () => {}).survivor, undefined);
      }
    })()
  ));

Deno.test("[fuzz] no record of a process but the true one is the process's", () =>
  inServiceDirectory(({ path, fd, write }) =>
    seeded(3, async (random) => {
      const child = new Deno.Command("sleep", { args: ["1000"] }).spawn();
      try {
        assert(new ProcessRecord(fd).started(child.pid, "run"));
        const record = Deno.readTextFileSync(`${path}/${SupervisePath.process}`);
        const own = readIdentity(fd)!;
        assert(stillRuns(own));
        for (let round = 0; round < rounds(300); round++) {
          const text = hostile(random, record);
          write(SupervisePath.process, text);
          const read = readIdentity(fd);
          if (read === undefined || !stillRuns(read)) continue;
          const { pid, ticks, boot } = own;
          assertEquals([read.pid, read.ticks, read.boot], [pid, ticks, boot], text);
        }
      } finally {
        child.kill("SIGKILL");
        await child.status;
      }
    })()
  ));

Deno.test("[fuzz] a damaged death tally becomes a whole one at the next death", () =>
  inServiceDirectory(({ path, fd, write }) =>
    seeded(4, (random) => {
      for (let round = 0; round < rounds(200); round++) {
        const text = String.fromCharCode(...randomBytes(random, random.below(100)));
        write(SupervisePath.deathTally, text);
        const before = readDeathTally(path);
        assertEquals(before.length, text.length % DEATH_BYTES === 0 ? text.length / 14 : 0);
        const limit = 1 + random.below(5);
        const death = { stamp: 5n * BigInt(round), exitCode: random.below(256), signal: 0 };
        addDeath(fd, death, limit);
        const bytes = Deno.readFileSync(`${path}/${SupervisePath.deathTally}`);
        assert(isDeathTally(bytes));
        const after = unpackDeathTally(bytes);
        assertEquals(unpackDeathTally(packDeathTally(after)), after);
        assertEquals(after.length, Math.min(before.length + 1, limit));
        assertEquals(after.at(-1), death);
      }
    })()
  ));

Deno.test("[fuzz] the polling status of a file is valid, or there is none", () =>
  inServiceDirectory(({ fd, path, write }) =>
    seeded(5, (random) => {
      for (let round = 0; round < rounds(400); round++) {
        write(
          SupervisePath.readiness,
          hostile(random, "PID=7\nSTATE=polling\nTRIES=3\nFAILURE=no\n", "PID=7\nSTATE=ready\n"),
        );
        for (const read of [readPollingStatus(fd, 7), readPollingStatus(CWD, 7, path)]) {
          if (read === undefined) continue;
          assert(["polling", "ready", "gave up", "timed out"].includes(read.state));
          assert(Number.isSafeInteger(read.tries) && read.tries >= 0, `${read.tries} tries`);
          assert(!read.lastFailure.includes("\n"));
        }
        const lastFailure = randomText(random, 60);
        const status: PollingStatus = { pid: 7, state: "gave up", tries: round, lastFailure };
        writePollingStatus(fd, status);
        assertEquals(readPollingStatus(fd, 7), {
          ...status,
          lastFailure: lastFailure.replaceAll("\n", " "),
        });
      }
    })()
  ));

Deno.test("[fuzz] what a daemon has told by a file is valid, or nothing", () =>
  inServiceDirectory(({ fd, write }) =>
    seeded(6, (random) => {
      for (let round = 0; round < rounds(400); round++) {
        write(
          SupervisePath.sdStatus,
          hostile(random, "PID=7\nSTATE=stopping\nEXTENDED_UNTIL=12345\nSTATUS=bye\n"),
        );
        const read = readSdStatus(fd, 7);
        if (read !== undefined) {
          assert(["starting", "running", "reloading", "stopping"].includes(read.state));
          const { extendedUntil } = read;
          assert(Number.isSafeInteger(extendedUntil) && extendedUntil >= 0, `${extendedUntil}`);
        }
        const status = randomText(random, 60).replaceAll("\n", "");
        const said: SdStatus = { pid: 7, state: "running", extendedUntil: round, status };
        writeSdStatus(fd, said);
        assertEquals(readSdStatus(fd, 7), said);
      }
    })()
  ));

Deno.test("[fuzz] a configuration is within its limits, and what is wrong is warned about", () =>
  inServiceDirectory(({ fd, write }) =>
    seeded(7, (random) => {
      const numbers = ["timeout-kill", "timeout-finish", "max-death-tally", "notification-fd"];
      for (let round = 0; round < rounds(300); round++) {
        const texts = numbers.map((file) => {
          const text = hostile(random, "5000\n", "3", "0\n", "4294967295\n");
          write(file, text);
          return text.slice(0, 64).split("\n", 1)[0]!;
        });
        write("down-signal", hostile(random, "SIGTERM\n", "15\n", "hup\n", "RTMIN+3\n"));
        const warnings: string[] = [];
        const config = new ServiceConfig(fd, (message) => warnings.push(message));
        const { killTimeout, finishTimeout, maxDeaths, downSignal } = config;
        const values = [killTimeout, finishTimeout, maxDeaths, config.notificationFd(100) ?? 99];
        const limits = [2 ** 32 - 1, 2 ** 32 - 1, 4096, 99];
        values.forEach((value, index) => {
          assert(Number.isSafeInteger(value) && value >= 0 && value <= limits[index]!);
          const isNumber = /^\d+$/.test(texts[index]!);
          const warned = warnings.some((warning) => warning.includes(numbers[index]!));
          if (!isNumber) assert(warned, `${numbers[index]}: ${JSON.stringify(texts[index])}`);
          else if (!warned && index < 2) assertEquals(value, Number(texts[index]));
        });
        assert(Number.isInteger(downSignal) && downSignal > 0 && downSignal <= 64);
        assert(warnings.every((warning) => !warning.includes("\n")));
      }
    })()
  ));

Deno.test("[fuzz] a pid file holds only if its first line is the id of a living process", () =>
  inServiceDirectory(({ path, write }) =>
    seeded(8, (random) => {
      const check = pidFile(`${path}/pid`);
      for (let round = 0; round < rounds(300); round++) {
        const text = hostile(random, `${Deno.pid}\n`, ` ${Deno.pid} \nmore\n`, "999999\n");
        write("pid", text);
        let holds = false;
        try {
          holds = check(new AbortController().signal) === true;
        } catch (error) {
          assert((error as Error).message.includes(`${path}/pid`), `${error}`);
        }
        if (!holds) continue;
        const pid = text.slice(0, 64).split("\n", 1)[0]!.trim();
        assert(/^\d+$/.test(pid), JSON.stringify(text));
        assert(Deno.statSync(`/proc/${pid}`).isDirectory);
      }
    })()
  ));
