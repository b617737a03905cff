import type { Deaths } from "../../os/deaths.ts";
import { candidates } from "../../os/spawn/exec.ts";
import { CWD } from "../../os/file.ts";
import { Access, accessErrno } from "../../os/path.ts";
import { reactor } from "../../os/reactor.ts";
import { sendSignalToGroup } from "../../os/send_signal.ts";
import { Signal, signalName } from "../../os/signal.ts";
import type { SpawnRequest } from "../../os/spawn/spawner.ts";
import { PosixSpawner } from "../../os/spawn/posix_spawner.ts";
import { exitCode, termSignal, type WaitStatus } from "../../os/wait_status.ts";
import type { ReadinessCheck } from "../polling/poll_until_ready.ts";

/** How long a check that is told to stop may take for it, in milliseconds. */
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
  /** Learns of its death. */
  readonly deaths: Deaths;
}

/** The program that a service brings along. */
export const DATA_CHECK: CheckProgram = { file: "./data/check", argv: ["./data/check"] };

/** Where a program is, as execvp(3) would find it; the name itself where it is nowhere. */
export function findProgram(name: string, path: string | undefined): string {
  return candidates(name, path).find((file) => accessErrno(CWD, file, Access.EXECUTE) === 0) ??
    name;
}

/** The program that understands a command line: execlineb where it is installed, else the shell. */
export function commandLineCheck(line: string, path: string | undefined): CheckProgram {
  const execlineb = findProgram("execlineb", path);
  return execlineb === "execlineb"
    ? { file: "/bin/sh", argv: ["sh", "-c", line] }
    : { file: execlineb, argv: ["execlineb", "-Pc", line] };
}

/** What was wrong, in words. */
function describe({ file }: CheckProgram, status: WaitStatus): string {
  const signal = termSignal(status);
  return signal === undefined
    ? `${file} exited ${exitCode(status)}`
    : `${file} was ended by signal ${signalName(signal)}`;
}

/**
 * A check that runs a program, in a session of its own: it is ready when that exits 0. To be stopped
 * it gets SIGTERM, and SIGKILL a second later, with all its children.
 *
 * @param program The program.
 * @param surroundings What it is started with, and who learns of its death.
 */
export function execCheck(
  program: CheckProgram,
  surroundings: CheckSurroundings,
): ReadinessCheck {
  const spawner = new PosixSpawner();
  return async (signal) => {
    signal.throwIfAborted();
    // Looked at anew each time: the pipe to a logger may have gone meanwhile.
    const { deaths, ...request } = surroundings;
    const process = spawner.spawn({ ...request, ...program });
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
      // Children that did not obey have nobody left who could wait for them.
      if (signal.aborted) sendSignalToGroup(process.pid, Signal.KILL);
      if (exitCode(status) === 0) return true;
      throw new Error(describe(program, status));
    } finally {
      signal.removeEventListener("abort", kill);
      timer?.[Symbol.dispose]();
    }
  };
}
