import { candidates } from "../os/exec.ts";
import { Access, accessErrno, close, CWD } from "../os/file.ts";
import { openProcess, reap } from "../os/process.ts";
import { Priority, reactor } from "../os/reactor.ts";
import { sendSignalToGroup, signalName } from "../os/signal.ts";
import { PosixSpawner } from "../os/spawn_posix.ts";
import { exitCode, termSignal, type WaitStatus } from "../os/wait_status.ts";
import type { ReadinessCheck } from "./poll_until_ready.ts";

const SIGKILL = 9;
const SIGTERM = 15;

/** How long a check that is told to stop may take for it, in milliseconds. */
const GRACE = 1000;

/** A program that checks. */
export interface CheckProgram {
  /** The program file. */
  readonly file: string;
  /** Its name and arguments. */
  readonly argv: readonly string[];
}

/** The program that a service brings along. */
export const DATA_CHECK: CheckProgram = { file: "./data/check", argv: ["./data/check"] };

/** The program that understands a command line: execlineb where it is installed, else the shell. */
export function commandLineCheck(line: string, path: string | undefined): CheckProgram {
  const execlineb = candidates("execlineb", path).find((file) =>
    accessErrno(CWD, file, Access.EXECUTE) === 0
  );
  return execlineb === undefined
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

/** Waits for a child's end. */
function ended(pidfd: number): Promise<WaitStatus> {
  const { promise, resolve, reject } = Promise.withResolvers<WaitStatus>();
  reactor().watch(pidfd, Priority.Death, () => {
    try {
      const status = reap(pidfd);
      if (status === undefined) return;
      reactor().unwatch(pidfd);
      resolve(status === "elsewhere" ? 0xff00 : status);
    } catch (error) {
      reactor().unwatch(pidfd);
      reject(error);
    }
  });
  return promise;
}

/**
 * A check that runs a program, in the working directory and a session of its own: it is ready when
 * that exits 0. To be stopped it gets SIGTERM, and SIGKILL a second later, with all its children.
 *
 * @param program The program.
 * @param softNofile Its limit on open files, where that is not this process's.
 */
export function execCheck(program: CheckProgram, softNofile: number | undefined): ReadinessCheck {
  const spawner = new PosixSpawner();
  return async (signal) => {
    const { pid } = spawner.spawn({ ...program, softNofile });
    const pidfd = openProcess(pid);
    const kill = () => {
      sendSignalToGroup(pid, SIGTERM);
      timer = reactor().after(GRACE, () => sendSignalToGroup(pid, SIGKILL));
    };
    let timer: Disposable | undefined;
    signal.addEventListener("abort", kill);
    try {
      const status = await ended(pidfd);
      if (exitCode(status) === 0) return true;
      throw new Error(describe(program, status));
    } finally {
      signal.removeEventListener("abort", kill);
      timer?.[Symbol.dispose]();
      close(pidfd);
    }
  };
}
