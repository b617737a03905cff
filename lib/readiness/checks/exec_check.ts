import type { Deaths } from "../../os/spawn/deaths.ts";
import { candidates } from "../../os/spawn/exec.ts";
import { CWD } from "../../os/file.ts";
import { Access, accessErrno } from "../../os/path.ts";
import { reactor } from "../../os/reactor.ts";
import { sendSignalToGroup } from "../../os/send_signal.ts";
import { Signal, signalName } from "../../os/signal.ts";
import type { SpawnRequest } from "../../os/spawn/spawner.ts";
import { PosixSpawner } from "../../os/spawn/posix_spawner.ts";
import { exitCode, termSignal, type WaitStatus } from "../../os/wait_status.ts";
import { CheckOutput } from "./check_output.ts";
import type { ReadinessCheck } from "./readiness_check.ts";

/** Milliseconds from SIGTERM to SIGKILL for a check that has to stop. */
const GRACE = 1000;

/** A program that checks. */
export interface CheckProgram {
  /** The program file. */
  readonly file: string;
  /** Its name and arguments. */
  readonly argv: readonly string[];
}

/** What a program that checks is started with. */
export interface CheckSurroundings extends Omit<SpawnRequest, "argv" | "file"> {
  /** Calls back when it has died. */
  readonly deaths: Deaths;
}

/** What the last run of a check has printed. */
export interface Printed {
  /** Its last lines, on one; empty where it printed nothing. */
  text: string;
}

/** The check that is part of a service directory. */
export const DATA_CHECK: CheckProgram = { file: "./data/check", argv: ["./data/check"] };

/** Returns the path of a program, as execvp(3) finds it; the name itself where there is none. */
export function findProgram(name: string, path: string | undefined): string {
  return candidates(name, path).find((file) => accessErrno(CWD, file, Access.EXECUTE) === 0) ??
    name;
}

/** Returns the program that runs a command line: execlineb where it is installed, else the shell. */
export function commandLineCheck(line: string, path: string | undefined): CheckProgram {
  const execlineb = findProgram("execlineb", path);
  return execlineb === "execlineb"
    ? { file: "/bin/sh", argv: ["sh", "-c", line] }
    : { file: execlineb, argv: ["execlineb", "-Pc", line] };
}

/** Returns how the check failed, in words. */
function describe({ file }: CheckProgram, status: WaitStatus): string {
  const signal = termSignal(status);
  return signal === undefined
    ? `${file} exited ${exitCode(status)}`
    : `${file} was ended by signal ${signalName(signal)}`;
}

/**
 * Returns a check that runs a program, in a session of its own, and holds when the program exits 0. To
 * stop it, the program gets SIGTERM, and SIGKILL a second later, with all its children.
 *
 * @param program The program.
 * @param surroundings What the program is started with.
 * @param printed Gets what the program prints; default: the program has the descriptors 1 and 2 itself.
 */
export function execCheck(
  program: CheckProgram,
  surroundings: CheckSurroundings,
  printed?: Printed,
): ReadinessCheck {
  const spawner = new PosixSpawner();
  return async (signal) => {
    signal.throwIfAborted();
    // Read each time, because it may change: the pipe to a logger may be closed meanwhile.
    const { deaths, ...request } = surroundings;
    using output = printed === undefined ? undefined : new CheckOutput(surroundings);
    const process = spawner.spawn({ ...request, ...output?.standard, ...program });
    output?.begin();
    const { promise: ended, resolve } = Promise.withResolvers<WaitStatus>();
    using _ = deaths.watch(process, resolve);
    let timer: Disposable | undefined;
    const kill = () => {
      sendSignalToGroup(process.pid, Signal.TERM);
      timer = reactor().after(GRACE, () => sendSignalToGroup(process.pid, Signal.KILL));
    };
    signal.addEventListener("abort", kill);
    try {
      const status = await ended;
      // Children of the program that ignored SIGTERM would go on unnoticed.
      if (signal.aborted) sendSignalToGroup(process.pid, Signal.KILL);
      if (exitCode(status) === 0) return true;
      throw new Error(describe(program, status));
    } finally {
      output?.finish();
      if (printed !== undefined) printed.text = output!.text;
      signal.removeEventListener("abort", kill);
      timer?.[Symbol.dispose]();
    }
  };
}
