import { Descriptor, Open, open } from "../../os/file.ts";
import { softLimitAtStart } from "../../os/runtime/soft_limit_at_start.ts";
import type { Deaths } from "../../os/spawn/deaths.ts";
import { candidates } from "../../os/spawn/exec.ts";
import type { Spawned, Spawner } from "../../os/spawn/spawner.ts";
import { Errno, isErrno, SystemError } from "../../os/system_error.ts";
import { exitCode, termSignal, type WaitStatus } from "../../os/wait_status.ts";
import { LogFile } from "./file_names.ts";
import type { ProcessorSettings } from "./settings.ts";

/** A processor that did not do its work. */
export class ProcessorError extends Error {
  override name = "ProcessorError";
}

/** Where the processor reads what the last one left, and writes what the next one gets. */
const STATE = 4;
const NEW_STATE = 5;

/** What starts processors, and learns of their deaths. */
export interface ProcessorHost {
  /** Starts programs. */
  readonly spawner: Spawner;
  /** Learns of their deaths. */
  readonly deaths: Deaths;
}

async function startInterpreter(
  { interpreter, script }: ProcessorSettings,
  directory: number,
  { spawner }: ProcessorHost,
): Promise<Spawned> {
  using stack = new DisposableStack();
  const opened = (path: string, flags: number): number => {
    const fd = open(directory, path, flags);
    stack.use(new Descriptor(fd));
    return fd;
  };
  const replaced = Open.WRITE | Open.CREATE | Open.TRUNCATE;
  const stdin = opened(LogFile.previous, Open.READ);
  const stdout = opened(LogFile.processed, replaced);
  const state = opened(LogFile.state, Open.READ | Open.CREATE);
  const newState = opened(LogFile.newState, replaced);
  const argv = interpreter === "sh" ? ["/bin/sh", "-c", script] : ["execlineb", "-Pc", script];
  let missing: unknown;
  for (const file of candidates(argv[0]!, Deno.env.get("PATH"))) {
    try {
      return await spawner.spawn({
        directory,
        argv,
        file,
        stdin,
        stdout,
        descriptors: [
          { source: state, target: STATE },
          { source: newState, target: NEW_STATE },
        ],
        softNofile: softLimitAtStart(),
        newSession: false,
      });
    } catch (error) {
      if (!isErrno(error, Errno.ENOENT, Errno.ENOTDIR, Errno.EACCES)) throw error;
      missing = error;
    }
  }
  if (interpreter === "execlineb" && (missing === undefined || isErrno(missing, Errno.ENOENT))) {
    throw new ProcessorError(
      "The processor needs execlineb, which is not in PATH: install execline, or use ?SCRIPT, which " +
        "/bin/sh runs",
    );
  }
  throw missing ?? new SystemError(`run ${argv[0]}`, Errno.ENOENT);
}

/**
 * Runs the processor of a log directory over `previous`.
 *
 * @param settings Which processor.
 * @param directory The open log directory.
 * @param host What starts it.
 * @throws {ProcessorError | SystemError} where it can't be run, or does not succeed.
 */
export async function runProcessor(
  settings: ProcessorSettings,
  directory: number,
  host: ProcessorHost,
): Promise<void> {
  const child = await startInterpreter(settings, directory, host);
  const { promise, resolve } = Promise.withResolvers<WaitStatus>();
  host.deaths.watch(child, resolve);
  const status = await promise;
  const signal = termSignal(status);
  if (signal !== undefined) {
    throw new ProcessorError(`The processor was ended by signal ${signal}`);
  }
  if (exitCode(status) !== 0) {
    throw new ProcessorError(`The processor failed with exit code ${exitCode(status)}`);
  }
}
