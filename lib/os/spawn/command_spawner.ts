import { duplicate, replaceDescriptor, sameOpenFile } from "../descriptor.ts";
import { candidates } from "./exec.ts";
import { close, CWD, readFile } from "../file.ts";
import { fstat } from "../file_status.ts";
import { Access, accessErrno } from "../path.ts";
import { inNewPidNamespace } from "./pid_namespace.ts";
import { decodeOs } from "../os_string.ts";
import { signalNumber } from "../signal.ts";
import { blockedSignals } from "../signal_state.ts";
import type { Spawned, Spawner, SpawnRequest } from "./spawner.ts";
import { PosixSpawner } from "./posix_spawner.ts";
import { Errno, SystemError } from "../system_error.ts";
import { exited, signaled, type WaitStatus } from "../wait_status.ts";

const SHELL = "/bin/sh";
const NULL_DEVICE = "1:3";

/** Where this process's descriptors have names. */
const DESCRIPTORS = "/proc/self/fd";

/** Returns the interpreter in a script's first line; undefined where the file is not a script. */
function interpreterOf(directory: number, file: string): string | undefined {
  const head = decodeOs(readFile(directory, file, 256));
  return /^#![ \t]*(\/[^\s\0]+)/.exec(head)?.[1];
}

/**
 * Returns the redirection by which the shell gets the supervisor's standard input, whose descriptor the
 * pipe has; undefined where there is none.
 */
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

/**
 * Returns a shell that leaves the environment alone, but for PWD and names that it could not use itself,
 * as dash and busybox do; undefined where there is none.
 */
function plainShell(): string | undefined {
  try {
    return /\/(dash|busybox|ash)$/.test(Deno.realPathSync(SHELL)) ? SHELL : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a shell passes on all variables of the environment. */
function environmentIsPlain(): boolean {
  return Object.keys(Deno.env.toObject()).every((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
}

/** Returns the errno in an error of the runtime, which has it only in its message. */
function errnoOf(error: unknown): number {
  const match = /\(os error (\d+)\)/.exec(error instanceof Error ? error.message : "");
  return match ? Number(match[1]) : Errno.EIO;
}

/**
 * Starts programs by `Deno.Command`.
 *
 * The runtime passes on descriptors 0 to 2 only, and its `detached` (a new session) drops supplementary
 * groups. So it starts a shell with one line: the shell gets the pipe as its descriptor 0, moves it to
 * the number that the service wants, and becomes setsid(1), which becomes the service: one process
 * throughout. A shell can't report that the program could not be run, so the program is looked at first.
 *
 * Requests that a shell can't fulfil exactly (a program that is no script, a descriptor above 9, a
 * standard input that is a pipe beside a notification pipe, a shell that changes the environment) are
 * left to posix_spawn(3). So are all while this thread blocks a signal: a program that Deno starts
 * would have it blocked too, and unblocking it for a moment would let one in that has come.
 */
export class CommandSpawner implements Spawner {
  readonly #posix = new PosixSpawner();
  readonly #shell = plainShell();
  readonly #setsid = candidates("setsid", "/usr/bin:/bin").find((path) =>
    accessErrno(CWD, path, Access.EXECUTE) === 0
  );

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
    request.onStart?.();
    try {
      child = new Deno.Command(SHELL, {
        args: ["-c", script, "sv", Deno.env.get("PWD") ?? "", ...request.argv],
        cwd: `${DESCRIPTORS}/${request.directory}`,
        stdin: request.descriptors?.length || request.stdin !== "null" ? "inherit" : "null",
        stdout: request.stdout === "null" ? "null" : "inherit",
        stderr: "inherit",
      }).spawn();
    } catch (error) {
      throw new SystemError(`run ${request.argv[0]}`, errnoOf(error));
    }
    // The program may end before the service does.
    child.unref();
    return {
      pid: child.pid,
      status: child.status.then(waitStatus, () => exited(0)),
    };
  }

  /** Returns the shell's one line; undefined where a shell can't fulfil the request. */
  #script(request: SpawnRequest): string | undefined {
    if (this.#shell === undefined || this.#setsid === undefined) return undefined;
    if (blockedSignals() !== 0n) return undefined;
    // The directory is passed by its name there. It may not be mounted yet: process 1 mounts it later.
    if (accessErrno(CWD, DESCRIPTORS, Access.EXISTS) !== 0) return undefined;
    if (!isOrdinary(request) || !isScript(request)) return undefined;
    const { descriptors: [passed] = [], ignoredSignals = [] } = request;
    const parts = [Deno.env.has("PWD") ? "PWD=$1" : "unset PWD", "shift"];
    if (ignoredSignals.length > 0) parts.push(`trap "" ${ignoredSignals.join(" ")}`);
    if (request.softNofile !== undefined) parts.push(`ulimit -Sn ${request.softNofile}`);
    const become = `exec ${this.#setsid} "$@"`;
    if (passed === undefined) return [...parts, become].join(";");
    const stdin = restoreStdin(request);
    if (passed.target < 3 || passed.target > 9 || stdin === undefined) return undefined;
    return [...parts, `${become} ${passed.target}<&0 ${stdin}`].join(";");
  }
}

/** Whether a shell can pass on everything in a request. */
function isOrdinary(request: SpawnRequest): boolean {
  const { argv, directory, descriptors = [], file, newSession, stdin, stdout, stderr } = request;
  return directory !== undefined && file === undefined && newSession !== false &&
    descriptors.length <= 1 && (request.blockedSignals ?? []).length === 0 &&
    typeof stdin !== "number" && typeof stdout !== "number" &&
    (stderr ?? "inherit") === "inherit" && environmentIsPlain() &&
    [...argv, Deno.env.get("PWD") ?? ""].every((argument) => argument.isWellFormed());
}

/** Whether the program looks like a script that can be run. */
function isScript({ argv: [file], directory }: SpawnRequest): boolean {
  try {
    if (accessErrno(directory!, file!, Access.EXECUTE) !== 0) return false;
    const interpreter = interpreterOf(directory!, file!);
    return interpreter !== undefined && accessErrno(CWD, interpreter, Access.EXECUTE) === 0;
  } catch {
    return false;
  }
}
