import { duplicate, replaceDescriptor, sameOpenFile } from "./descriptor.ts";
import { candidates } from "./exec.ts";
import { Access, accessErrno, close, CWD, fstat, readFile } from "./file.ts";
import { inNewPidNamespace } from "./namespace.ts";
import { decodeOs } from "./os_string.ts";
import { signalNumber } from "./signal.ts";
import type { Spawned, Spawner, SpawnRequest } from "./spawn.ts";
import { PosixSpawner } from "./spawn_posix.ts";
import { Errno, SystemError } from "./system_error.ts";
import { exited, signaled, type WaitStatus } from "./wait_status.ts";

const SHELL = "/bin/sh";
const NULL_DEVICE = "1:3";

/** The interpreter in a script's first line, or undefined where the file is not a script. */
function interpreterOf(directory: number, file: string): string | undefined {
  const head = decodeOs(readFile(directory, file, 256));
  return /^#![ \t]*(\/[^\s\0]+)/.exec(head)?.[1];
}

/** How the shell gets back the standard input of the supervisor, whose place the pipe has taken. */
function restoreStdin(request: SpawnRequest): string | undefined {
  if (request.stdin === "null") return "</dev/null";
  try {
    const { type, device } = fstat(0);
    if (type === "device" && device === NULL_DEVICE) return "</dev/null";
  } catch {
    return "<&-";
  }
  if (sameOpenFile(0, 1)) return "<&1";
  if (sameOpenFile(0, 2)) return "<&2";
  return undefined;
}

function waitStatus({ code, signal }: Deno.CommandStatus): WaitStatus {
  return signal === null ? exited(code) : signaled(signalNumber(signal)!);
}

/** The errno inside an error of the runtime, which only says it in words. */
function errnoOf(error: unknown): number {
  const match = /\(os error (\d+)\)/.exec(error instanceof Error ? error.message : "");
  return match ? Number(match[1]) : Errno.EIO;
}

/**
 * Starts programs by `Deno.Command`.
 *
 * The runtime maps descriptors 0 to 2 only and makes no session. So a one-line shell goes between,
 * which is handed the pipe as its descriptor 0, moves it to where the service wants it, and becomes
 * setsid(1), which becomes the service: one process throughout. A shell can't say that the program
 * could not be run, so the program is looked at first.
 *
 * What can't be done exactly in this way (a program that is no script, a descriptor above 9, a
 * standard input that is a pipe beside a notification pipe) goes to posix_spawn(3).
 */
export class CommandSpawner implements Spawner {
  readonly #posix = new PosixSpawner();
  #setsid: string | undefined | null = null;

  spawn(request: SpawnRequest): Spawned {
    const script = this.#script(request);
    if (script === undefined) return this.#posix.spawn(request);
    const pipe = request.descriptors?.[0]?.source;
    const own = pipe === undefined ? undefined : duplicate(0);
    try {
      if (pipe !== undefined) replaceDescriptor(0, pipe);
      const start = () => this.#start(request, script);
      return request.newPidNamespace ? inNewPidNamespace(start) : start();
    } finally {
      if (own !== undefined) {
        replaceDescriptor(0, own);
        close(own);
      }
    }
  }

  #start(request: SpawnRequest, script: string): Spawned {
    let child: Deno.ChildProcess;
    try {
      child = new Deno.Command(SHELL, {
        args: ["-c", script, "sv", ...request.argv],
        cwd: `/proc/self/fd/${request.directory}`,
        stdin: request.descriptors?.length || request.stdin !== "null" ? "inherit" : "null",
        stdout: request.stdout === "null" ? "null" : "inherit",
        stderr: "inherit",
      }).spawn();
    } catch (error) {
      throw new SystemError(`run ${request.argv[0]}`, errnoOf(error));
    }
    // The service outlives the supervisor where it is told to.
    child.unref();
    return {
      pid: child.pid,
      status: child.status.then(waitStatus, () => exited(0)),
    };
  }

  /** The shell's one line, or undefined where a shell can't do what is asked. */
  #script(request: SpawnRequest): string | undefined {
    const { argv: [file], directory, descriptors = [] } = request;
    if (directory === undefined || descriptors.length > 1 || request.file !== undefined) {
      return undefined;
    }
    if (request.newSession === false || (request.stderr ?? "inherit") !== "inherit") {
      return undefined;
    }
    if (typeof request.stdin === "number" || typeof request.stdout === "number") return undefined;
    if (!request.argv.every((argument) => argument.isWellFormed())) return undefined;
    const setsid = this.#setsid ??= candidates("setsid", "/usr/bin:/bin").find((path) =>
      accessErrno(CWD, path, Access.EXECUTE) === 0
    );
    if (setsid === undefined) return undefined;
    try {
      if (accessErrno(directory, file!, Access.EXECUTE) !== 0) return undefined;
      const interpreter = interpreterOf(directory, file!);
      if (interpreter === undefined || accessErrno(CWD, interpreter, Access.EXECUTE) !== 0) {
        return undefined;
      }
    } catch {
      return undefined;
    }
    const limit = request.softNofile === undefined ? "" : `ulimit -Sn ${request.softNofile};`;
    if (descriptors.length === 0) return `${limit}exec ${setsid} "$@"`;
    const { target } = descriptors[0]!;
    const stdin = restoreStdin(request);
    if (target < 3 || target > 9 || stdin === undefined) return undefined;
    return `${limit}exec ${setsid} "$@" ${target}<&0 ${stdin}`;
  }
}
