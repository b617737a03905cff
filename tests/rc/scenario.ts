import { join } from "@std/path";
import { svCommand } from "../support/program.ts";
import { run } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { until } from "../support/until.ts";

/** What came of one command of a scenario. */
export interface StepResult {
  /** The command, as in `steps`. */
  readonly command: string;
  /** Its exit code. */
  readonly code: number;
  /** What it printed, services of the implementation's own left out. */
  readonly output: readonly string[];
  /** The services that were up afterwards, sorted. */
  readonly up: readonly string[];
  /** What the services logged meanwhile, and when: seconds since some moment. */
  readonly log: readonly LogLine[];
}

/** Something that a service logged. */
export interface LogLine {
  /** When, in seconds since some moment. */
  readonly time: number;
  /** What. */
  readonly text: string;
}

/** An implementation of what scenarios test, over a running scan. */
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

/** The implementation under test, over a scan of its own or another. */
export function ours(scan: readonly string[] = svCommand("scan")): Implementation {
  const rc = svCommand("rc");
  return {
    scan,
    init: (_place, scandir, live, sources) =>
      mustRun([...rc, "init", "-l", live, scandir, ...sources]),
    command: (live) => [...rc, "-l", live],
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
 * commands of the file `steps`, one a line. Services log to the file that `LOG` names.
 *
 * @param folder The scenario.
 * @param implementation What to play it with.
 */
export async function play(folder: string, implementation: Implementation): Promise<StepResult[]> {
  await using place = await temporaryDirectory("sv-rc-test-");
  const log = join(place.path, "log");
  const scandir = join(place.path, "scan");
  const live = join(place.path, "live");
  await Deno.writeTextFile(log, "");
  await Deno.mkdir(scandir);
  const env = { LOG: log };
  const [program, ...args] = [...implementation.scan, scandir];
  const scan = new Deno.Command(program!, {
    args,
    env,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    await until(
      async () => (await run(["s6-svscanctl", scandir])).code === 0,
      `a scan of ${scandir}`,
    );
    const source = join(place.path, "source");
    await run(["cp", "-Rp", join(folder, "source"), source]);
    await restoreModes(folder, place.path);
    await implementation.init(place.path, scandir, live, [source]);
    const results: StepResult[] = [];
    let logged = 0;
    // What a command brings about includes what the steps then wait for.
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
      await finish();
      const { code, stdout } = await run([...implementation.command(live), ...step.split(" ")], {
        env,
      });
      const { stdout: up } = await run([...implementation.command(live), "-a", "list"]);
      results.push({
        command: step,
        code,
        // What a dry run prints is each implementation's own.
        output: / ?-\w*n/.test(step) ? [] : withoutInternals(lines(stdout)),
        up: withoutInternals(lines(up)).sort(),
        log: [],
      });
    }
    await finish();
    return results;
  } finally {
    await run(["s6-svscanctl", "-b", scandir]);
    await Promise.race([scan.status, new Promise((wake) => setTimeout(wake, 2_000))]);
    try {
      scan.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await scan.status;
  }
}

async function readLog(path: string): Promise<LogLine[]> {
  return lines(await Deno.readTextFile(path)).map((line) => {
    const space = line.indexOf(" ");
    return { time: Number(line.slice(0, space)), text: line.slice(space + 1) };
  });
}

/** Sets the modes that git does not keep: lines of a mode and a path in the scenario's file `modes`. */
async function restoreModes(folder: string, place: string): Promise<void> {
  const lines = await Deno.readTextFile(join(folder, "modes")).catch(() => "");
  for (const [, mode, path] of lines.matchAll(/^(\d+) (.+)$/gm)) {
    await Deno.chmod(join(place, path!), parseInt(mode!, 8));
  }
}
