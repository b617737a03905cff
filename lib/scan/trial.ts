import type { Deaths } from "../os/spawn/deaths.ts";
import { type Pipe, pipe } from "../os/descriptor.ts";
import { close, Descriptor, tryRead } from "../os/file.ts";
import { decodeOs } from "../os/os_string.ts";
import { reactor } from "../os/reactor.ts";
import { sendSignalToGroup } from "../os/send_signal.ts";
import { Signal, signalName } from "../os/signal.ts";
import type { Spawned, Spawner } from "../os/spawn/spawner.ts";
import { exitCode, termSignal, type WaitStatus } from "../os/wait_status.ts";
import { snapshotFile } from "./hand_over.ts";
import type { ScanSnapshot } from "./snapshot.ts";

/** Milliseconds that a trial may take. A packed executable may first have to unpack itself. */
const LONGEST_TRIAL = 60_000;
const LONGEST_OUTPUT = 4096;

/** What a trial needs. */
export interface TrialOptions {
  /** The program on disk, as the beginning of a command line, `scan` included. */
  readonly program: readonly string[];
  /** The arguments that it would be started with. */
  readonly args: readonly string[];
  /** Descriptors that the arguments name, open: the program looks whether it has them. */
  readonly named: readonly number[];
  /** The snapshot that it would resume now. */
  readonly snapshot: ScanSnapshot;
  /** Starts it. */
  readonly spawner: Spawner;
  /** Learns of its death. */
  readonly deaths: Deaths;
  /** Its soft limit on open files, where it is not this process's. */
  readonly softNofile: number | undefined;
  /** Milliseconds that it has. */
  readonly limit?: number;
}

/**
 * Has the program on disk read the snapshot of this moment, as `sv scan --trial 0 …`: it exits 0 and
 * prints its version if it could go on with the scan. Once it is in this one's place it could not
 * come back with an error. It can do no harm: it gets the snapshot and what the arguments name, and no
 * descriptor of a service.
 *
 * @param options The program, its arguments, and the snapshot.
 * @param callback Gets the reason why it can't go on; undefined where it can.
 * @returns what ends the trial; the callback is then not called.
 */
export function tryProgram(
  options: TrialOptions,
  callback: (reason: string | undefined) => void,
): Disposable {
  const { program, args, deaths, limit = LONGEST_TRIAL } = options;
  const started = start([...program, "--trial", "0", ...args], options);
  let late = false;
  const timer = reactor().after(limit, () => {
    late = true;
    kill(started.child);
  });
  const watch = deaths.watch(started.child, (status) => {
    timer[Symbol.dispose]();
    const output = takeText(started.output);
    const errors = takeText(started.errors);
    callback(
      late
        ? `${program[0]} did not end its trial within ${limit / 1000} s`
        : objection(program[0]!, status, output, errors),
    );
  });
  return {
    [Symbol.dispose]() {
      timer[Symbol.dispose]();
      watch[Symbol.dispose]();
      kill(started.child);
      takeText(started.output);
      takeText(started.errors);
    },
  };
}

interface Started {
  readonly child: Spawned;
  /** The reading ends of the pipes to its standard output and standard error. */
  readonly output: number;
  readonly errors: number;
}

function start(argv: readonly string[], options: TrialOptions): Started {
  using stack = new DisposableStack();
  const memory = stack.use(new Descriptor(snapshotFile(options.snapshot)));
  const made = (): Pipe => {
    const ends = pipe({ nonblockingRead: true });
    stack.use(new Descriptor(ends.write));
    return ends;
  };
  const [output, errors] = [made(), made()];
  try {
    const child = options.spawner.spawn({
      argv,
      stdin: memory.fd,
      stdout: output.write,
      stderr: errors.write,
      descriptors: options.named.map((fd) => ({ source: fd, target: fd })),
      softNofile: options.softNofile,
    });
    if (child instanceof Promise) throw new TypeError("A trial needs a spawner that does not wait");
    return { child, output: output.read, errors: errors.read };
  } catch (error) {
    close(output.read);
    close(errors.read);
    throw error;
  }
}

/** Kills the program and its children: it leads a process group of its own. */
function kill({ pid }: Spawned): void {
  sendSignalToGroup(pid, Signal.KILL);
}

/** Returns the beginning of the text in a pipe, and closes the pipe. */
function takeText(fd: number): string {
  using end = new Descriptor(fd);
  const buffer = new Uint8Array(LONGEST_OUTPUT);
  return decodeOs(buffer.subarray(0, Math.max(tryRead(end.fd, buffer), 0)));
}

/** Says why a program that has ended can't go on; undefined where it can. */
function objection(
  program: string,
  status: WaitStatus,
  output: string,
  errors: string,
): string | undefined {
  const code = exitCode(status);
  if (code === undefined) {
    return `${program} was killed by SIG${signalName(termSignal(status)!)} in its trial`;
  }
  const line = errors.split("\n")[0]!;
  if (line.includes("unknown option --trial")) {
    return `${program} is an sv that is too old to go on with this scan`;
  }
  if (code !== 0) {
    const because = line.replace(/^[\w. -]+: fatal: /, "") || `exit code ${code}`;
    return `${program} can't go on with this scan: ${because}`;
  }
  if (!/^\d+\.\d+\.\d+\S*\n$/.test(output)) {
    return `${program} did not print its version in its trial: it is no sv that can go on with this scan`;
  }
  return undefined;
}
