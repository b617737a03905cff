import { CStrings } from "./exec.ts";
import { close, CWD, Open, open } from "./file.ts";
import { libc } from "./libc.ts";
import { openFiles, setSoftOpenFiles } from "./limits.ts";
import { inNewPidNamespace } from "./namespace.ts";
import { cString } from "./os_string.ts";
import type { Spawned, Spawner, SpawnRequest, Standard } from "./spawn.ts";
import { SystemError } from "./system_error.ts";

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
  new DataView(brokenPipe.buffer).setUint32(0, 1 << (13 - 1), true);
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

/** Starts programs by posix_spawn(3): any descriptor, exact errors, no shell on the way. */
export class PosixSpawner implements Spawner {
  #null: number | undefined;

  #standard(which: Standard, own: number): number {
    if (which === "inherit") return own;
    if (which === "null") return this.#null ??= open(CWD, "/dev/null", Open.READ_WRITE);
    return which;
  }

  spawn(request: SpawnRequest): Spawned {
    const moves = [
      { source: this.#standard(request.stdin ?? "inherit", 0), target: 0 },
      { source: this.#standard(request.stdout ?? "inherit", 1), target: 1 },
      { source: this.#standard(request.stderr ?? "inherit", 2), target: 2 },
      ...request.descriptors ?? [],
    ].filter(({ source, target }) => source !== target || target > 2);
    const actions = new Uint8Array(FILE_ACTIONS_BYTES);
    libc.posix_spawn_file_actions_init(actions);
    if (request.directory !== undefined) {
      libc.posix_spawn_file_actions_addfchdir_np(actions, request.directory);
    }
    const parked: number[] = [];
    const sources = moves.map(({ source }) => {
      // A source that is also somebody's target must be read before it is overwritten.
      if (!moves.some(({ target }) => target === source)) return source;
      const copy = libc.fcntl(source, 1030, BigInt(PARKING));
      if (copy < 0) throw new SystemError(`duplicate descriptor ${source}`);
      parked.push(copy);
      return copy;
    });
    try {
      moves.forEach(({ target }, index) =>
        libc.posix_spawn_file_actions_adddup2(actions, sources[index]!, target)
      );
      const pid = new Int32Array(1);
      const strings = new CStrings(request.argv);
      const file = request.file ?? request.argv[0]!;
      const call = () =>
        libc.posix_spawn(
          new Uint8Array(pid.buffer),
          cString(file),
          actions,
          spawnAttributes(request.newSession ?? true),
          strings.pointers,
          libc.environ,
        );
      const errno = withSoftLimit(
        request.softNofile,
        request.newPidNamespace ? () => inNewPidNamespace(call) : call,
      );
      if (errno !== 0) throw new SystemError(`run ${file}`, errno);
      return { pid: pid[0]! };
    } finally {
      libc.posix_spawn_file_actions_destroy(actions);
      parked.forEach(close);
    }
  }
}
