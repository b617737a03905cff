/**
 * `sv log` beside s6-log: the same script and input, and the same files, modes, output and exit codes.
 *
 * `SV_LOG_CASES=500` makes so many random cases; `SV_S6_LOG=PATH` compares with another s6-log than the
 * one of PATH.
 */
import { assertEquals } from "@std/assert";
import { loggedIn } from "../log/directory/log_files.ts";
import { missingPrograms, testNeeding } from "../support/needs.ts";
import { sv } from "../support/program.ts";
import { type Random, seeds, withRandom } from "../support/random.ts";
import { run } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { until } from "../support/until.ts";
import { logCase } from "./log_scripts.ts";
import { filesBelow, type LogResult, LogSide } from "./log_side.ts";

const REFERENCE = Deno.env.get("SV_S6_LOG") ?? "/usr/bin/s6-log";
const CASES = Number(Deno.env.get("SV_LOG_CASES") ?? 8);
const needs = [missingPrograms(REFERENCE.split("/").at(-1)!)];
/** The program under test, by the name that alerts begin with. */
const OURS = [sv[0]!, ...sv.slice(1), "s6-log"];

/** Runs both loggers, one after the other, and returns what each has left. */
async function both(
  args: readonly string[],
  drive: (side: LogSide) => void | Promise<void>,
  options: { readonly before?: readonly string[] } = {},
): Promise<[LogResult, LogResult]> {
  await using temporary = await temporaryDirectory();
  const results: LogResult[] = [];
  for (const [name, command] of [["s6", [REFERENCE]], ["sv", OURS]] as const) {
    const directory = `${temporary.path}/${name}`;
    await Deno.mkdir(directory);
    const output = `${temporary.path}/${name}-output`;
    const side = new LogSide(
      [...options.before ?? [], ...command, ...args],
      directory,
      output,
    );
    try {
      await drive(side);
    } finally {
      side.closeInput();
    }
    results.push(await side.result());
  }
  return results as [LogResult, LogResult];
}

for (const seed of seeds(...Array.from({ length: CASES }, (_, index) => index + 1))) {
  testNeeding(needs, `beside s6-log: random script ${seed}`, async () => {
    await withRandom(seed, async (random: Random) => {
      const { args, pieces } = logCase(random);
      const [s6, ours] = await both(args, (side) => {
        for (const piece of pieces) side.write(piece);
      });
      assertEquals(ours, s6, args.join(" "));
    });
  });
}

const line = (number: number) => `${number} `.padEnd(99, "x") + "\n";
const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => line(from + index)).join("");

/** s6-log 2.11 closes a processor's descriptors 4 and 5 where it had got these numbers itself. */
const FULL_TABLE = [
  "/bin/sh",
  "-c",
  'exec 3</dev/null 4</dev/null 5</dev/null 6</dev/null; exec "$@"',
  "sh",
];

testNeeding(needs, "beside s6-log: a processor, and its state", async () => {
  const processor = `?cat; echo "$(cat <&4)$(wc -c <previous)" >&5`;
  const [s6, ours] = await both(["-b", "s4096", "l96", processor, "./d"], async (side) => {
    for (let file = 0; file < 2; file++) {
      // One line less than a file has: how much s6-log writes while a processor runs is its own.
      for (let count = 0; count < 39; count++) side.write(line(count));
      await side.holds("d/current", lines(0, 39));
      side.kill("SIGALRM");
      await side.archives("d", file + 1);
    }
  }, { before: FULL_TABLE });
  assertEquals(ours, s6);
});

/** Debian has execline's programs but `execlineb` here, and `execlineb` itself in PATH. */
const WITH_EXECLINE = ["/usr/bin/env", "PATH=/usr/lib/execline/bin:/usr/bin:/bin"];

testNeeding(
  [...needs, missingPrograms("execlineb")],
  "beside s6-log: a processor that execlineb reads, and its state",
  async () => {
    // Adds a line to the state; its arguments are none, so that `$0` stays.
    const processor = "!foreground { cat } foreground { fdmove -c 1 5 foreground { echo $0 } " +
      "fdmove 0 4 cat } exit 0";
    const [s6, ours] = await both(["-b", "s4096", "l96", processor, "./d"], async (side) => {
      for (let file = 0; file < 2; file++) {
        for (let count = 0; count < 39; count++) side.write(line(count));
        await side.holds("d/current", lines(0, 39));
        side.kill("SIGALRM");
        await side.archives("d", file + 1);
      }
    }, { before: [...WITH_EXECLINE, ...FULL_TABLE] });
    assertEquals(ours, s6);
    assertEquals(ours.files["d/state"], "644 $0\n$0\n");
  },
);

testNeeding(
  [missingPrograms("execlineb")],
  "without execlineb what ! is to process waits, and is processed when it is there",
  async () => {
    await using temporary = await temporaryDirectory();
    const [bin, work] = [`${temporary.path}/bin`, `${temporary.path}/work`];
    for (const made of [bin, work]) await Deno.mkdir(made);
    for (const { name } of Deno.readDirSync("/usr/bin")) {
      if (name !== "execlineb") await Deno.symlink(`/usr/bin/${name}`, `${bin}/${name}`);
    }
    const command = ["/usr/bin/env", `PATH=${bin}`, ...OURS, "r100", "!cat", "./d"];
    const side = new LogSide(command, work, `${temporary.path}/out`);
    try {
      side.write("one\n");
      await side.holds("d/current", "one\n");
      side.kill("SIGALRM");
      const said = () => Deno.readTextFileSync(`${temporary.path}/out.2`);
      await until(() => said().includes("execlineb, which is not in PATH"), "the warning");
      side.write("two\n");
      await side.holds("d/current", "two\n");
      await side.holds("d/previous", "one\n");
      await Deno.symlink("/usr/bin/execlineb", `${bin}/execlineb`);
      await side.archives("d", 1);
      assertEquals(said().match(/execlineb/g)?.length, 1, said());
    } finally {
      side.closeInput();
    }
    assertEquals(await side.end(), "0");
    assertEquals(loggedIn(`${work}/d`), "one\ntwo\n");
  },
);

testNeeding(
  needs,
  "beside s6-log: ALRM rotates, HUP and TERM end",
  async () => {
    const signals: Deno.Signal[] = ["SIGHUP", "SIGTERM", "SIGTERM", "SIGHUP"];
    const test = async (side: LogSide) => {
      side.write("one\n");
      await side.holds("d/current", "@TAI64N one\n");
      side.kill("SIGALRM");
      await side.archives("d", 1);
      side.write("two\n");
      await side.holds("d/current", "@TAI64N two\n");
      side.kill(signals.shift()!);
      assertEquals(await side.end(), "0");
    };
    for (let pair = 0; pair < 2; pair++) {
      const [s6, ours] = await both(["t", "./d"], test);
      assertEquals(ours, s6);
    }
  },
);

testNeeding(needs, "beside s6-log: exit codes of scripts that are wrong", async () => {
  await using temporary = await temporaryDirectory();
  const cwd = temporary.path;
  await Deno.writeTextFile(`${cwd}/file`, "");
  const scripts = [
    "",
    "n5",
    "+x",
    "1 +x",
    "x 1",
    "n 1",
    "n1x 1",
    "s-1 1",
    "s1 1",
    "S18446744073709551615 1",
    "n4294967295 1",
    "n4294967296 1",
    "l49999 1",
    "l50000 1",
    "s5000 l2501 1",
    "+( 1",
    "ff 1",
    "tt 1",
    "11",
    "2x",
    "=",
    "r0 1",
    "E 1",
    "^ 1",
    "E0 ^0 1",
    "p 1",
    "? 1",
    "! 1",
    "-d 2 1",
    "-d 77 1",
    "-d x 1",
    "-l x 1",
    "-z 1",
    "-l 1 1",
    "-q -v -b -p 1",
    "./nowhere/x",
    "./file",
    "1 1 1",
    "-- -x 1",
    "+[ 1",
    "n007 1",
  ];
  for (const script of scripts) {
    const args = script.split(" ").filter((word) => word !== "");
    const s6 = await run([REFERENCE, ...args], { cwd });
    const ours = await run([...OURS, ...args], { cwd });
    assertEquals(ours.code, s6.code, `${script}: ${ours.stderr}${s6.stderr}`);
  }
});

testNeeding(
  needs,
  "beside s6-log: either goes on in the other's directory, also after kill -9",
  async () => {
    await using temporary = await temporaryDirectory();
    const directory = `${temporary.path}/work`;
    await Deno.mkdir(directory);
    const [seed] = seeds(20);
    await withRandom(seed!, async (random) => {
      let written = 0;
      for (let turn = 0; turn < 8; turn++) {
        const last = turn === 7;
        const command = last || random.chance(0.5) ? OURS : [REFERENCE];
        const args = ["n100", "s4096", "l96", "./d"];
        const side = new LogSide([...command, ...args], directory, `${temporary.path}/out`);
        try {
          for (let count = 1 + random.below(60); count > 0; count--) side.write(line(written++));
          await until(
            () => loggedIn(`${directory}/d`).endsWith(line(written - 1)),
            `line ${written - 1} is logged`,
          );
          if (!last && random.chance(0.5)) side.kill("SIGKILL");
        } finally {
          side.closeInput();
        }
        await side.end();
        assertEquals(loggedIn(`${directory}/d`), lines(0, written), `after turn ${turn}`);
      }
    });
    const names = Object.keys(filesBelow(`${directory}/d`)).filter((name) =>
      !/^archive \d+\.[su]$/.test(name)
    );
    assertEquals(names, ["current", "lock", "state"]);
  },
);
