import { duplicate } from "../descriptor.ts";
import { CStrings, environment } from "./exec.ts";
import { close, CWD, Open, open } from "../file.ts";
import { libc } from "../libc.ts";
import { openFiles, setSoftOpenFiles } from "../limits.ts";
import { inNewPidNamespace } from "./pid_namespace.ts";
import { cString } from "../os_string.ts";
import { Signal } from "../signal.ts";
import { withIgnoredSignals } from "../signal_state.ts";
import type { PassedDescriptor, Spawned, Spawner, SpawnRequest, Standard } from "./spawner.ts";
import { SystemError } from "../system_error.ts";

const POSIX_SPAWN_SETSIGDEF = 0x04;
const POSIX_SPAWN_SETSIGMASK = 0x08;
const POSIX_SPAWN_SETSID = 0x80;
const ATTRIBUTES_BYTES = 512;
const FILE_ACTIONS_BYTES = 128;
const SIGNAL_SET_BYTES = 128;

/** Above any number that a service may ask for by accident, so that no move overwrites a source. */
const PARKING = 100;

/** No signal blocked; a broken pipe kills again, which the runtime had switched off for itself. */
const attributes = new Map<boolean, Uint8Array<ArrayBuffer>>();

function spawnAttributes(newSession: boolean): Uint8Array<ArrayBuffer> {
  const known = attributes.get(newSession);
  if (known !== undefined) return known;
  const made = new Uint8Array(ATTRIBUTES_BYTES);
  const none = new Uint8Array(SIGNAL_SET_BYTES);
  const brokenPipe = new Uint8Array(SIGNAL_SET_BYTES);
  new DataView(brokenPipe.buffer).setUint32(0, 1 << (Signal.PIPE - 1), true);
  libc.posix_spawnattr_init(made);
  libc.posix_spawnattr_setsigmask(made, none);
  libc.posix_spawnattr_setsigdefault(made, brokenPipe);
  libc.posix_spawnattr_setflags(
    made,
    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | (newSession ? POSIX_SPAWN_SETSID : 0),
  );
  attributes.set(newSession, made);
  return made;
}

function withSoftLimit<T>(softNofile: number | undefined, call: () => T): T {
  if (softNofile === undefined) return call();
  const { soft } = openFiles();
  setSoftOpenFiles(softNofile);
  try {
    return call();
  } finally {
    setSoftOpenFiles(soft);
  }
}

const O_RDONLY = 0;
const O_WRONLY = 1;
const O_NOCTTY = 0o400;

/** The name under which a thread with descriptors of its own finds one of this thread's. */
export type NameOf = (fd: number) => string;

/** The arguments of posix_spawn(3) for a request, and what must be kept until it has returned. */
export class Preparation implements Disposable {
  readonly #pid = new Int32Array(1);
  readonly #file: string;
  /** The same for the C library, which may read it in another thread: nobody may collect it meanwhile. */
  readonly #path: Uint8Array<ArrayBuffer>;
  readonly #actions = new Uint8Array(FILE_ACTIONS_BYTES);
  readonly #argv: CStrings;
  readonly #parked: number[] = [];
  readonly #attributes: Uint8Array<ArrayBuffer>;

  /**
   * @param request What to start.
   * @param moves All descriptors that change places, the standard ones included.
   * @param nameOf Where the call is made by a thread with descriptors of its own: what finds the
   * directory, and the pipes, that are to be moved.
   */
  constructor(request: SpawnRequest, moves: readonly PassedDescriptor[], nameOf?: NameOf) {
    this.#file = request.file ?? request.argv[0]!;
    this.#path = cString(this.#file);
    this.#argv = new CStrings(request.argv);
    this.#attributes = spawnAttributes(request.newSession ?? true);
    libc.posix_spawn_file_actions_init(this.#actions);
    if (nameOf === undefined) this.#move(request.directory, moves);
    else this.#reopen(request.directory, moves, nameOf);
  }

  #move(directory: number | undefined, moves: readonly PassedDescriptor[]): void {
    if (directory !== undefined) {
      libc.posix_spawn_file_actions_addfchdir_np(this.#actions, directory);
    }
    const targets = new Set(moves.map(({ target }) => target));
    const sources = moves.map(({ source }) => {
      // A source that is also a target must be read before it is overwritten.
      if (!targets.has(source)) return source;
      const copy = duplicate(source, PARKING);
      this.#parked.push(copy);
      return copy;
    });
    moves.forEach(({ target }, index) =>
      libc.posix_spawn_file_actions_adddup2(this.#actions, sources[index]!, target)
    );
  }

  #reopen(
    directory: number | undefined,
    moves: readonly PassedDescriptor[],
    nameOf: NameOf,
  ): void {
    if (directory !== undefined) {
      libc.posix_spawn_file_actions_addchdir_np(this.#actions, cString(nameOf(directory)));
    }
    for (const { source, target } of moves) {
      const flags = (target === 0 ? O_RDONLY : O_WRONLY) | O_NOCTTY;
      const name = cString(nameOf(source));
      libc.posix_spawn_file_actions_addopen(this.#actions, target, name, flags, 0);
    }
  }

  /** The arguments of the call. */
  get arguments(): Parameters<typeof libc.posix_spawn> {
    return [
      new Uint8Array(this.#pid.buffer),
      this.#path,
      this.#actions,
      this.#attributes,
      this.#argv.pointers,
      environment(),
    ];
  }

  /** What came of the call. */
  result(errno: number): Spawned {
    if (errno !== 0) throw new SystemError(`run ${this.#file}`, errno);
    return { pid: this.#pid[0]! };
  }

  [Symbol.dispose](): void {
    libc.posix_spawn_file_actions_destroy(this.#actions);
    this.#parked.forEach(close);
  }
}

/** Starts programs by posix_spawn(3): any descriptor, exact errors, no shell on the way. */
export class PosixSpawner implements Spawner {
  #null: number | undefined;

  #standard(which: Standard, own: number): number {
    if (which === "inherit") return own;
    if (which === "null") return this.#null ??= open(CWD, "/dev/null", Open.READ_WRITE);
    return which;
  }

  /** The call that a request amounts to; with `nameOf`, for a thread with descriptors of its own. */
  prepare(request: SpawnRequest, nameOf?: NameOf): Preparation {
    const standard = [
      { source: this.#standard(request.stdin ?? "inherit", 0), target: 0 },
      { source: this.#standard(request.stdout ?? "inherit", 1), target: 1 },
      { source: this.#standard(request.stderr ?? "inherit", 2), target: 2 },
    ].filter(({ source, target }) => source !== target);
    return new Preparation(request, [...standard, ...request.descriptors ?? []], nameOf);
  }

  spawn(request: SpawnRequest): Spawned {
    using preparation = this.prepare(request);
    const plain = () => libc.posix_spawn(...preparation.arguments);
    const { ignoredSignals = [] } = request;
    const call = ignoredSignals.length === 0
      ? plain
      : () => withIgnoredSignals(ignoredSignals, plain);
    return preparation.result(withSoftLimit(
      request.softNofile,
      request.newPidNamespace ? () => inNewPidNamespace(call) : call,
    ));
  }
}
