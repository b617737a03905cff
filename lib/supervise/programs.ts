import { type Pipe, pipe } from "../os/descriptor.ts";
import { close, Descriptor, Open, open } from "../os/file.ts";
import { MORE_THAN_OPEN_FILES } from "../os/limits.ts";
import { isLocked } from "../os/lock.ts";
import { cString } from "../os/os_string.ts";
import { Access, accessErrno } from "../os/path.ts";
import { selfCommand } from "../os/runtime/self_command.ts";
import type { Spawned, SpawnRequest, Standard } from "../os/spawn/spawner.ts";
import { errnoOfRunning, whyNotRun } from "../os/spawn/why_not_run.ts";
import { Errno, reasonOf, SystemError } from "../os/system_error.ts";
import { exitCode, termSignal, type WaitStatus } from "../os/wait_status.ts";
import type { ServiceConfig } from "../servicedir/config.ts";
import type { FailureNote } from "../servicedir/failure.ts";
import { followTemplate, instanceName } from "../servicedir/instance.ts";
import { INSTANCE_MARK } from "../servicedir/instance_name.ts";
import { ProcessRecord, type Program } from "../servicedir/process_identity.ts";
import {
  ControlCommand,
  NO_EXIT_CODE,
  ServicePath,
  SupervisePath,
} from "../servicedir/protocol.ts";
import { attempt } from "./attempt.ts";
import type { Input } from "./machine.ts";
import type { ServiceOptions } from "./service_options.ts";

const RUN = `./${ServicePath.run}`;
const FINISH = `./${ServicePath.finish}`;
const FINISH_PATH = cString(FINISH);

/** Returns why a program could not be started. */
function whyNotStarted(directory: number, program: string, error: unknown): string {
  return error instanceof SystemError && error.attempt === `run ${program}`
    ? whyNotRun(directory, program, error.errno)
    : reasonOf(error);
}

function closePipe(pipe: Pipe | undefined): void {
  if (pipe === undefined) return;
  close(pipe.read);
  close(pipe.write);
}

/** What the service learns of its programs. */
export interface ProgramEvents {
  /** Takes an input for the machine. */
  readonly feed: (input: Input) => void;
  /** Called when the program that was watched has died. */
  readonly onDeath: (status: WaitStatus) => void;
}

/**
 * The programs of a service, `run` and `finish`, of which at most one runs at a time: starts them and
 * watches for their deaths.
 *
 * To the machine a start takes no time. A spawner may take some: what comes meanwhile (commands,
 * signals) is kept by {@linkcode Programs.defer}, and fed to the machine after `started`.
 */
export class Programs {
  /** Whether programs get /dev/null as their stdin and stdout. */
  detached = false;
  /** Whether the program that runs is no child of this process. */
  foreign = false;
  /** Which process runs, for a later supervisor. */
  readonly record: ProcessRecord;
  readonly #directory: number;
  readonly #config: ServiceConfig;
  readonly #failure: FailureNote;
  readonly #options: ServiceOptions;
  readonly #events: ProgramEvents;
  #child: Disposable | undefined;
  /** Inputs that have come while a program is being started; undefined while none is. */
  #deferred: Input[] | undefined;
  #afterStart: (() => void)[] | undefined;

  /**
   * @param directory The service directory, open.
   * @param config Its files.
   * @param failure Where it is noted why `run` could not be started.
   * @param options What the service needs from outside.
   * @param events What the service learns.
   */
  constructor(
    directory: number,
    config: ServiceConfig,
    failure: FailureNote,
    options: ServiceOptions,
    events: ProgramEvents,
  ) {
    this.#directory = directory;
    this.record = new ProcessRecord(directory);
    this.#config = config;
    this.#failure = failure;
    this.#options = options;
    this.#events = events;
  }

  /** Whether a program is being started. */
  get starting(): boolean {
    return this.#deferred !== undefined;
  }

  /**
   * Keeps an input until the start in progress has ended. Returns false where there is none.
   *
   * A timer can't come: the machine disarms it before it starts a program. The command `silent` is about
   * the former daemon, so it is dropped: the new one has had no time to be silent.
   */
  defer(input: Input): boolean {
    if (this.#deferred === undefined) return false;
    if (input.name !== ControlCommand.silent) this.#deferred.push(input);
    return true;
  }

  /** Calls back as soon as no program is being started. */
  whenNothingStarts(callback: () => void): void {
    if (this.#deferred === undefined) callback();
    else (this.#afterStart ??= []).push(callback);
  }

  /** What programs get as their descriptor 1. */
  get stdout(): Standard {
    return this.detached ? "null" : this.#options.stdout ?? "inherit";
  }

  /** The descriptor on which the daemon writes its newline. */
  get notificationFd(): number | undefined {
    return this.#config.notificationFd(this.#openFiles, true);
  }

  /** The limit on open files that programs have, or more where the supervisor leaves it as it is. */
  get #openFiles(): number {
    return this.#options.softNofile ?? MORE_THAN_OPEN_FILES;
  }

  /** Watches a process for its death. */
  watch(process: Spawned): void {
    this.foreign = process.foreign ?? false;
    this.#child = this.#options.deaths.watch(process, (status) => {
      attempt(this.#options.report, () => {
        this.#child = undefined;
        this.#events.onDeath(status);
      });
    });
  }

  /** Ends the watch; what runs goes on. */
  unwatch(): void {
    this.#child?.[Symbol.dispose]();
  }

  /**
   * Starts `run`, or feeds `startFailed`.
   *
   * @param started Gets its process id and, where it has a notification descriptor, the reading end
   *   of that pipe.
   */
  startRun(started: (pid: number, notification: number | undefined) => void): void {
    let notification: Pipe | undefined;
    const failed = (error: unknown) => {
      closePipe(notification);
      const reason = whyNotStarted(this.#directory, RUN, error);
      this.#startFailed(`cannot start ./run: ${reason}`, false);
    };
    try {
      const name = this.#followTemplate();
      const lockFd = this.#config.lockFd(this.#openFiles, true);
      const { notificationFd } = this;
      if (notificationFd !== undefined && notificationFd === lockFd) {
        return this.#startFailed(
          `cannot start the service: notification-fd and lock-fd are both ${lockFd}; ` +
            "change one of them, then use sv control -u",
          true,
        );
      }
      const argv = [...this.#lockLoader(lockFd), RUN, name];
      if (notificationFd !== undefined) notification = pipe({ nonblockingRead: true });
      const descriptors = notification
        ? [{ source: notification.write, target: notificationFd! }]
        : [];
      const { newPidNamespace } = this.#config;
      this.#spawn("run", { argv, descriptors, newPidNamespace }, (pid) => {
        const ends = notification;
        notification = undefined;
        if (ends !== undefined) close(ends.write);
        this.#failure.clear();
        started(pid, ends?.read);
      }, failed);
    } catch (error) {
      failed(error);
    }
  }

  /** Whether its name is one that an instance may have: others are not looked at any further. */
  get #mayBeInstance(): boolean {
    return this.#options.name.includes(INSTANCE_MARK);
  }

  /** Links what is new in an instance's template. Returns what `run` gets as the service's name. */
  #followTemplate(): string {
    const { name, report } = this.#options;
    if (!this.#mayBeInstance) return name;
    let own: string | undefined;
    attempt(report, () => followTemplate(this.#directory, (name) => own = name));
    return own ?? name;
  }

  /** Returns what `finish` gets as the service's name: of an instance, its own name. */
  #argument(): string {
    const { name } = this.#options;
    return this.#mayBeInstance ? instanceName(this.#directory) ?? name : name;
  }

  /** Reports and notes why `run` could not be started. */
  #startFailed(reason: string, final: boolean): void {
    this.#failure.write("start", reason);
    this.#options.report(`warning: ${reason}${final ? "" : "; trying again in 60 seconds"}`);
    this.#events.feed({ name: "startFailed", final });
  }

  /** Returns the chain-loader that takes the service's lock: it waits until a former instance ends. */
  #lockLoader(lockFd: number | undefined): string[] {
    if (lockFd === undefined) return [];
    // The chain-loader could only say it in the log, again and again.
    const errno = errnoOfRunning(this.#directory, RUN);
    if (errno !== 0) throw new SystemError(`run ${RUN}`, errno);
    const path = SupervisePath.serviceLock;
    const flags = Open.WRITE | Open.CREATE | Open.TRUNCATE | Open.NONBLOCK | Open.NOFOLLOW;
    using lock = new Descriptor(
      open(this.#directory, path, flags),
    );
    if (isLocked(lock.fd, path)) {
      this.#options.report(
        "warning: another instance of the service is still running; the new one waits for its end",
      );
    }
    return [...selfCommand(), "setlock", "-d", String(lockFd), "--", path];
  }

  /**
   * Starts `finish`, and feeds `finishStarted` or, where there is none, `finishAbsent`.
   *
   * @param pid The process id that `run` had.
   * @param status How `run` ended.
   */
  startFinish(pid: number, status: WaitStatus): void {
    const { feed } = this.#events;
    // Most services have none: a look is cheaper than a process that can't run it.
    if (accessErrno(this.#directory, FINISH_PATH, Access.EXISTS) === Errno.ENOENT) {
      return feed({ name: "finishAbsent" });
    }
    const code = exitCode(status) ?? NO_EXIT_CODE;
    const signal = termSignal(status) ?? 0;
    const argv = [FINISH, String(code), String(signal), this.#argument(), String(pid)];
    this.#spawn("finish", { argv }, (pid) => feed({ name: "finishStarted", pid }), (error) => {
      this.#options.report(
        `warning: cannot start ./finish: ${
          whyNotStarted(this.#directory, FINISH, error)
        }; going on without it`,
      );
      feed({ name: "finishAbsent" });
    });
  }

  #spawn(
    program: Program,
    request: SpawnRequest,
    started: (pid: number) => void,
    failed: (error: unknown) => void,
  ): void {
    const succeed = (process: Spawned) => {
      this.record.started(process.pid, program);
      this.watch(process);
      started(process.pid);
    };
    const fail = (error: unknown) => {
      this.record.failed();
      failed(error);
    };
    const { spawner, softNofile, ignoredSignals, stdin, stderr } = this.#options;
    let result: Spawned | Promise<Spawned>;
    try {
      result = spawner.spawn({
        ...request,
        onStart: () => this.record.starting(program),
        directory: this.#directory,
        softNofile,
        ignoredSignals: ignoredSignals ?? [],
        stdin: this.detached ? "null" : stdin ?? "inherit",
        stdout: this.stdout,
        stderr: stderr ?? "inherit",
      });
    } catch (error) {
      return fail(error);
    }
    if (!(result instanceof Promise)) return succeed(result);
    this.#deferred = [];
    result.then(
      (process) => this.#settle(() => succeed(process)),
      (error) => this.#settle(() => fail(error)),
    );
  }

  /** Ends a start that took time: its outcome comes first, then what was deferred. */
  #settle(outcome: () => void): void {
    const deferred = this.#deferred ?? [];
    const afterStart = this.#afterStart ?? [];
    this.#deferred = undefined;
    this.#afterStart = undefined;
    const { report } = this.#options;
    for (const callback of afterStart) attempt(report, callback);
    attempt(report, outcome);
    for (const input of deferred) attempt(report, () => this.#events.feed(input));
  }
}
