import { walk } from "@std/fs/walk";
import { join } from "@std/path";
import { DEADLINE } from "../support/deadline.ts";
import { svCommand } from "../support/program.ts";
import { run } from "../support/run.ts";
import { start } from "../support/start.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { until } from "../support/until.ts";
import { within } from "../support/within.ts";

/** What one command of a scenario has brought about. */
export interface StepResult {
  /** The command, as in `steps`. */
  readonly command: string;
  /** Its exit code. */
  readonly code: number;
  /** The lines that it printed, without the implementation's internal services. */
  readonly output: readonly string[];
  /** The services that were up afterwards, sorted. */
  readonly up: readonly string[];
  /** The lines that the services logged meanwhile. */
  readonly log: readonly LogLine[];
}

/** A line that a service logged. */
export interface LogLine {
  /** When, in seconds of a clock that all services share. */
  readonly time: number;
  /** The line, without the time. */
  readonly text: string;
}

/** A program with which scenarios can be played, over a running scan. */
export interface Implementation {
  /** The command line of the scan, without the scan directory. */
  readonly scan: readonly string[];
  /** Makes a live directory from source directories. */
  init(place: string, scandir: string, live: string, sources: readonly string[]): Promise<void>;
  /** The command line before a scenario's command. */
  command(live: string): readonly string[];
}

async function mustRun(command: readonly string[]): Promise<void> {
  const { code, stderr } = await run(command);
  if (code !== 0) throw new Error(`${command.join(" ")} exited ${code}: ${stderr}`);
}

/** Returns the implementation under test, over `sv scan` or another scan. */
export function ours(scan: readonly string[] = svCommand("scan")): Implementation {
  const rc = svCommand("rc");
  return {
    scan,
    init: (_place, scandir, live, sources) =>
      mustRun([...rc, "init", "-t", `${DEADLINE}`, "-l", live, scandir, ...sources]),
    // As s6-rc, it takes what that takes.
    command: (live) => [...svCommand("s6-rc"), "-l", live],
  };
}

/** s6-rc, where it is installed. */
export const theirs: Implementation = {
  scan: ["s6-svscan"],
  async init(place, scandir, live, sources) {
    await mustRun(["s6-rc-compile", "-v0", `${place}/compiled`, ...sources]);
    await mustRun(["s6-rc-init", "-c", `${place}/compiled`, "-l", live, scandir]);
  },
  command: (live) => ["s6-rc", "-l", live],
};

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

function withoutInternals(names: readonly string[]): string[] {
  return names.filter((name) => !/^[+-]?s6rc-/.test(name));
}

/**
 * Plays a scenario: starts a scan, makes a live directory from the folder `source`, and runs the
 * commands of the file `steps`, one a line. Services log to the file that `LOG` names. Of the steps,
 * `until TEXT` waits for a line in that file, and `touch NAME` makes the file `$LOG.NAME`, which a service
 * may wait for.
 *
 * @param folder The scenario.
 * @param implementation What to play it with.
 * @param factor How many times longer all takes that takes its time: the services, and the time limits.
 */
export async function play(
  folder: string,
  implementation: Implementation,
  factor = 1,
): Promise<StepResult[]> {
  await using place = await temporaryDirectory("sv-rc-test-");
  const log = join(place.path, "log");
  const scandir = join(place.path, "scan");
  const live = join(place.path, "live");
  await Deno.writeTextFile(log, "");
  await Deno.mkdir(scandir);
  const env = { LOG: log };
  const scan = start([...implementation.scan, scandir], env);
  try {
    await until(
      async () => (await run(["s6-svscanctl", scandir])).code === 0,
      `a scan of ${scandir}`,
    );
    const source = join(place.path, "source");
    await run(["cp", "-Rp", join(folder, "source"), source]);
    if (factor !== 1) await prolong(source, factor);
    await restoreModes(folder, place.path);
    await implementation.init(place.path, scandir, live, [source]);
    const results: StepResult[] = [];
    let logged = 0;
    // The lines that a step waits for belong to the command before it.
    const finish = async () => {
      const last = results.pop();
      if (last === undefined) return;
      const all = await readLog(log);
      results.push({ ...last, log: all.slice(logged) });
      logged = all.length;
    };
    for (const step of lines(await Deno.readTextFile(join(folder, "steps")))) {
      if (step.startsWith("#")) continue;
      if (step.startsWith("until ")) {
        const wanted = step.slice("until ".length);
        await until(
          async () => (await readLog(log)).some(({ text }) => text === wanted),
          `'${wanted}' in the log`,
        );
        continue;
      }
      if (step.startsWith("touch ")) {
        await Deno.writeTextFile(`${log}.${step.slice("touch ".length)}`, "");
        continue;
      }
      await finish();
      const words = step.replace(/(?<=^-t )\d+/, (limit) => `${factor * Number(limit)}`).split(" ");
      const { code, stdout } = await run([...implementation.command(live), ...words], { env });
      const { stdout: up } = await run([...implementation.command(live), "-a", "list"]);
      results.push({
        command: step,
        code,
        // The implementations print different things in a dry run.
        output: / ?-\w*n/.test(step) ? [] : withoutInternals(lines(stdout)),
        up: withoutInternals(lines(up)).sort(),
        log: [],
      });
    }
    await finish();
    return results;
  } finally {
    await run(["s6-svscanctl", "-b", scandir]);
    await within(scan.status, `the scan of ${scandir} to end`).catch(() => {
      scan.kill("SIGKILL");
      return scan.status;
    });
  }
}

/** Makes the services of a source directory slower, and gives them more time. */
async function prolong(source: string, factor: number): Promise<void> {
  for await (const { path } of walk(source, { includeDirs: false, includeSymlinks: false })) {
    const text = await Deno.readTextFile(path);
    const times = /\/timeout-\w+$/.test(path) ? /\d+/g : /(?<=\bsleep )0\.\d+/g;
    const longer = text.replace(times, (time) => String(factor * Number(time)));
    if (longer !== text) await Deno.writeTextFile(path, longer);
  }
}

async function readLog(path: string): Promise<LogLine[]> {
  return lines(await Deno.readTextFile(path)).map((line) => {
    const space = line.indexOf(" ");
    return { time: Number(line.slice(0, space)), text: line.slice(space + 1) };
  });
}

/**
 * Sets the modes that git does not keep: lines of a mode and a path in the scenario's file `modes`.
 */
async function restoreModes(folder: string, place: string): Promise<void> {
  const lines = await Deno.readTextFile(join(folder, "modes")).catch(() => "");
  for (const [, mode, path] of lines.matchAll(/^(\d+) (.+)$/gm)) {
    await Deno.chmod(join(place, path!), parseInt(mode!, 8));
  }
}
