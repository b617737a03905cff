/**
 * Loggers that are killed in mid-flood, again and again, at random instants: s6-log, `sv log`, and the two
 * in turns. The pipe outlives them, so what they lose is what they had read and not written yet: by the
 * rule of both at most {@linkcode PIECE} bytes and the line that had begun before, for each kill.
 *
 * `SV_LOG_KILLS=200` kills each so often; `SV_SEED` sets the seed.
 */
import { assert, assertEquals } from "@std/assert";
import { close, CWD, Open, open, tryWrite } from "../../lib/os/file.ts";
import { pipe, setNonblocking } from "../../lib/os/descriptor.ts";
import { PidfdDeaths } from "../../lib/os/spawn/deaths.ts";
import { PosixSpawner } from "../../lib/os/spawn/posix_spawner.ts";
import { Errno } from "../../lib/os/system_error.ts";
import { exitCode, type WaitStatus } from "../../lib/os/wait_status.ts";
import { PIECE } from "../../lib/log/input/line_buffer.ts";
import { loggedIn } from "../log/directory/log_files.ts";
import { missingPrograms, testNeeding } from "../support/needs.ts";
import { sv } from "../support/program.ts";
import { type Random, seeds, withRandom } from "../support/random.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { until } from "../support/until.ts";
import { within } from "../support/within.ts";

const KILLS = Number(Deno.env.get("SV_LOG_KILLS") ?? 5);
const SEED = seeds(13)[0]!;
const S6: readonly string[] = ["s6-log"];
const OURS: readonly string[] = [...sv, "log"];

const LONGEST = 199;
/** What a killed logger may have read and not written, and the rest of the lines at both ends. */
const MOST_LOST = PIECE + 2 * LONGEST;
/** How many bytes a pipe holds. */
const PIPE = 65_536;
/** No part of a line looks like a whole one: only lines begin with `<`. */
const line = (number: number) => `<${number} `.padEnd(20 + (number * 37) % 179, "x") + "\n";

/** What a logger is told; the second one runs a processor, and reads nothing meanwhile. */
const SCRIPTS: readonly (readonly string[])[] = [
  ["n100000", "s20000", "./d"],
  ["-b", "n100000", "s50000", "?cat", "./d"],
];

/** A pipe full of numbered lines, as long as loggers read them. */
class Flood {
  readonly #pipe = pipe();
  #number = 0;
  #rest = new Uint8Array();
  /** How many bytes the pipe has taken. */
  taken = 0;

  constructor() {
    setNonblocking(this.#pipe.write, true);
  }

  /** Where a logger reads. */
  get output(): number {
    return this.#pipe.read;
  }

  /** How many lines there were. */
  get lines(): number {
    return this.#number;
  }

  /** Fills the pipe. */
  fill(): void {
    for (;;) {
      if (this.#rest.length === 0) {
        const lines = Array.from({ length: 100 }, () => line(this.#number++));
        this.#rest = new TextEncoder().encode(lines.join(""));
      }
      const count = tryWrite(this.#pipe.write, this.#rest);
      if (count === -Errno.EAGAIN) return;
      assert(count > 0, `errno ${-count}`);
      this.taken += count;
      this.#rest = this.#rest.subarray(count);
    }
  }

  /** Writes the rest of the last lines, and ends. */
  async end(): Promise<void> {
    await until(() => {
      const count = tryWrite(this.#pipe.write, this.#rest);
      this.#rest = this.#rest.subarray(Math.max(count, 0));
      return this.#rest.length === 0;
    }, "the pipe to take the last lines");
    close(this.#pipe.write);
  }

  [Symbol.dispose](): void {
    close(this.#pipe.read);
  }
}

/** A logger that runs, or has ended. */
interface Started {
  readonly program: string;
  readonly pid: number;
  /** How it has ended. */
  end?: WaitStatus;
  /** Fulfilled then. */
  readonly ended: Promise<void>;
}

function start(argv: readonly string[], directory: string, input: number): Started {
  const cwd = open(CWD, directory, Open.PATH | Open.DIRECTORY);
  const program = argv[0]!;
  const file = program.includes("/") ? program : `/usr/bin/${program}`;
  const child = new PosixSpawner().spawn({ argv, file, directory: cwd, stdin: input });
  close(cwd);
  const { promise, resolve } = Promise.withResolvers<void>();
  const started: Started = {
    program,
    pid: child.pid,
    ended: within(promise, "the end of a logger"),
  };
  new PidfdDeaths().watch(child, (status) => {
    started.end = status;
    resolve();
  });
  return started;
}

/** Lines that are missing or broken, one after the other. */
interface Gap {
  /** How many bytes were written to the pipe before them. */
  readonly from: number;
  /** How many bytes they have. */
  readonly bytes: number;
}

/** What is missing in a log, and what is in it. */
interface Found {
  /** What is lost. */
  readonly lost: readonly Gap[];
  /** How many lines are broken. */
  readonly broken: number;
  /** How many lines are whole. */
  readonly whole: number;
}

/** Reads a log: lines must be in order, none twice. */
function examine(text: string, lines: number): Found {
  const lost: Gap[] = [];
  let [next, from, broken, whole] = [0, 0, 0, 0];
  const missing = (to: number) => {
    let bytes = 0;
    for (; next < to; next++) bytes += line(next).length;
    if (bytes > 0) lost.push({ from, bytes });
    from += bytes;
  };
  for (const found of text.split(/(?<=\n)/)) {
    const number = Number(/^<(\d+) x+\n$/.exec(found)?.[1]);
    if (Number.isNaN(number) || found !== line(number)) {
      broken++;
      continue;
    }
    assert(number >= next, `line ${number} is there twice, or after line ${next - 1}`);
    missing(number);
    next = number + 1;
    from += found.length;
    whole++;
  }
  missing(lines);
  return { lost, broken, whole };
}

async function flood(
  random: Random,
  programs: readonly (readonly string[])[],
  script: readonly string[],
): Promise<Found & { readonly kills: readonly number[] }> {
  await using directory = await temporaryDirectory();
  using flood = new Flood();
  const next = () => start([...random.pick(programs), ...script], directory.path, flood.output);
  let logger = next();
  /** How many bytes the pipe had taken at each kill. */
  const kills: number[] = [];
  while (kills.length < KILLS) {
    const enough = flood.taken + random.below(600_000);
    await until(() => {
      flood.fill();
      return flood.taken >= enough || logger.end !== undefined;
    }, "the logger to read");
    if (logger.end === undefined) {
      // The pipe has been filled just now, so the logger is at work.
      const instant = performance.now() + random.next();
      while (performance.now() < instant);
      Deno.kill(logger.pid, "SIGKILL");
      kills.push(flood.taken);
    } else {
      // s6-log gives the same name to both files that it finds after a kill in a rotation, and exits 111;
      // its supervisor starts it again, and that goes well.
      assertEquals([logger.program, exitCode(logger.end)], [S6[0], 111]);
    }
    await logger.ended;
    logger = next();
  }
  const ended = flood.end();
  ended.catch(() => {});
  await logger.ended;
  // As before, s6-log may have to be started again.
  while (logger.program === S6[0] && exitCode(logger.end!) === 111) await (logger = next()).ended;
  assertEquals([logger.program, exitCode(logger.end!)], [logger.program, 0]);
  await ended;
  return { ...examine(loggedIn(`${directory.path}/d`), flood.lines), kills };
}

for (
  const [name, programs] of [
    ["s6-log", [S6]],
    ["sv log", [OURS]],
    ["s6-log and sv log in turns", [S6, OURS]],
  ] as const
) {
  for (const script of SCRIPTS) {
    testNeeding(
      [missingPrograms("s6-log")],
      `${name} killed ${KILLS} times in mid-flood loses what it had read, and no more: ${
        script.join(" ")
      }`,
      () =>
        withRandom(SEED, async (random) => {
          const { lost, broken, whole, kills } = await flood(random, programs, script);
          if (Deno.env.has("SV_LOG_KILLS")) console.log({ lost, broken, whole });
          assert(whole > 0);
          assert(lost.length <= KILLS, `${lost.length} gaps`);
          for (const { from, bytes } of lost) {
            // Killed again before it has written anything, a logger loses what follows.
            const here = kills.filter((taken) =>
              from <= taken && from + bytes >= taken - PIPE - MOST_LOST
            );
            const which = `${bytes} bytes are lost from ${from} on; kills: ${kills.join(" ")}`;
            assert(bytes <= here.length * MOST_LOST, which);
          }
          assert(broken <= 2 * KILLS, `${broken} broken lines`);
        }),
    );
  }
}
