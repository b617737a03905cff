import { duplicate, isReadWrite } from "../descriptor.ts";
import { environment } from "../environment.ts";
import { close } from "../file.ts";
import { libc } from "../libc.ts";
import { openFiles, setSoftOpenFiles } from "../limits.ts";
import { inNewPidNamespace } from "./pid_namespace.ts";
import { cString, CStrings } from "../os_string.ts";
import { Signal } from "../signal.ts";
import { signalSet, withIgnoredSignals } from "../signal_state.ts";
import type { Spawned, Spawner, SpawnRequest, Standard } from "./spawner.ts";
import { SystemError } from "../system_error.ts";

const POSIX_SPAWN_SETSIGDEF = 0x04;
const POSIX_SPAWN_SETSIGMASK = 0x08;
const POSIX_SPAWN_SETSID = 0x80;
const ATTRIBUTES_BYTES = 512;
const FILE_ACTIONS_BYTES = 128;
const SIGNAL_SET_BYTES = 128;

/** Copies of sources get numbers from here on, above those that services ask for: no move overwrites them. */
const PARKING = 100;

/** What {@linkcode spawnAttributes} has made where no signal is blocked, by whether it begins a new session. */
const attributes = new Map<boolean, Uint8Array<ArrayBuffer>>();

/**
 * Makes the attributes of a child: only the signals given are blocked, and SIGPIPE, which the runtime
 * ignores, has its default again.
 */
function spawnAttributes(
  newSession: boolean,
  blocked: readonly number[],
): Uint8Array<ArrayBuffer> {
  const known = blocked.length === 0 ? attributes.get(newSession) : undefined;
  if (known !== undefined) return known;
  const made = new Uint8Array(ATTRIBUTES_BYTES);
  const brokenPipe = new Uint8Array(SIGNAL_SET_BYTES);
  new DataView(brokenPipe.buffer).setUint32(0, 1 << (Signal.PIPE - 1), true);
  libc.posix_spawnattr_init(made);
  libc.posix_spawnattr_setsigmask(made, signalSet(blocked));
  libc.posix_spawnattr_setsigdefault(made, brokenPipe);
  libc.posix_spawnattr_setflags(
    made,
    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | (newSession ? POSIX_SPAWN_SETSID : 0),
  );
  if (blocked.length === 0) attributes.set(newSession, made);
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
const O_RDWR = 2;
const O_NOCTTY = 0o400;

const NULL = cString("/dev/null");

/** What the child gets as a descriptor: one of this process, or /dev/null. */
interface Move {
  /** The descriptor in this process; "null": the child opens /dev/null. */
  readonly source: number | "null";
  /** Its number in the child. */
  readonly target: number;
}

/**
 * Returns how a lean thread opens a descriptor anew. A standard output that this process can read, too,
 * is a FIFO which must never be without a reader, or its writer would get SIGPIPE.
 */
function accessOf(source: number, target: number): number {
  if (target === 0) return O_RDONLY;
  return target === 1 && isReadWrite(source) ? O_RDWR : O_WRONLY;
}

/** Returns the name under which a lean thread finds a descriptor of this thread. */
export type NameOf = (fd: number) => string;

/** The arguments of posix_spawn(3) for a request, and the memory that must be kept until it has returned. */
export class Preparation implements Disposable {
  readonly #pid = new Int32Array(1);
  readonly #file: string;
  /** The same for the C library, which may read it in another thread. */
  readonly #path: Uint8Array<ArrayBuffer>;
  readonly #actions = new Uint8Array(FILE_ACTIONS_BYTES);
  readonly #argv: CStrings;
  readonly #parked: number[] = [];
  readonly #attributes: Uint8Array<ArrayBuffer>;

  /**
   * @param request The program to start.
   * @param moves All descriptors that get another number, the standard ones included.
   * @param nameOf For a call on a lean thread: returns the name of a descriptor.
   */
  constructor(request: SpawnRequest, moves: readonly Move[], nameOf?: NameOf) {
    this.#file = request.file ?? request.argv[0]!;
    this.#path = cString(this.#file);
    this.#argv = new CStrings(request.argv);
    this.#attributes = spawnAttributes(request.newSession ?? true, request.blockedSignals ?? []);
    libc.posix_spawn_file_actions_init(this.#actions);
    if (nameOf === undefined) this.#move(request.directory, moves);
    else this.#reopen(request.directory, moves, nameOf);
  }

  #move(directory: number | undefined, moves: readonly Move[]): void {
    if (directory !== undefined) {
      libc.posix_spawn_file_actions_addfchdir_np(this.#actions, directory);
    }
    const targets = new Set(moves.map(({ target }) => target));
    const sources = moves.map(({ source }) => {
      // A source that is also a target is copied before it is overwritten.
      if (source === "null" || !targets.has(source)) return source;
      const copy = duplicate(source, PARKING);
      this.#parked.push(copy);
      return copy;
    });
    moves.forEach(({ target }, index) => {
      const source = sources[index]!;
      if (source === "null") this.#open(target, NULL, O_RDWR);
      else libc.posix_spawn_file_actions_adddup2(this.#actions, source, target);
    });
  }

  #reopen(
    directory: number | undefined,
    moves: readonly Move[],
    nameOf: NameOf,
  ): void {
    if (directory !== undefined) {
      libc.posix_spawn_file_actions_addchdir_np(this.#actions, cString(nameOf(directory)));
    }
    for (const { source, target } of moves) {
      if (source === "null") this.#open(target, NULL, O_RDWR);
      else this.#open(target, cString(nameOf(source)), accessOf(source, target));
    }
  }

  #open(target: number, path: Uint8Array<ArrayBuffer>, flags: number): void {
    libc.posix_spawn_file_actions_addopen(this.#actions, target, path, flags | O_NOCTTY, 0);
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

  /** Returns the child; throws where the call has failed. */
  result(errno: number): Spawned {
    if (errno !== 0) throw new SystemError(`run ${this.#file}`, errno);
    return { pid: this.#pid[0]! };
  }

  [Symbol.dispose](): void {
    libc.posix_spawn_file_actions_destroy(this.#actions);
    this.#parked.forEach(close);
  }
}

/** Returns what a child gets as a standard descriptor. */
function standard(which: Standard = "inherit", own: number): Move {
  return { source: which === "inherit" ? own : which, target: own };
}

/** Starts programs by posix_spawn(3): any descriptor, exact errors, no shell on the way. */
export class PosixSpawner implements Spawner {
  /** Prepares the call for a request; with `nameOf`, for a lean thread. */
  prepare(request: SpawnRequest, nameOf?: NameOf): Preparation {
    const standards = [
      standard(request.stdin, 0),
      standard(request.stdout, 1),
      standard(request.stderr, 2),
    ].filter(({ source, target }) => source !== target);
    return new Preparation(request, [...standards, ...request.descriptors ?? []], nameOf);
  }

  spawn(request: SpawnRequest): Spawned {
    using preparation = this.prepare(request);
    const plain = () => libc.posix_spawn(...preparation.arguments);
    const { ignoredSignals = [], onStart } = request;
    onStart?.();
    const call = ignoredSignals.length === 0
      ? plain
      : () => withIgnoredSignals(ignoredSignals, plain);
    return preparation.result(withSoftLimit(
      request.softNofile,
      request.newPidNamespace ? () => inNewPidNamespace(call) : call,
    ));
  }
}
