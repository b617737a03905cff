import { close, CWD, Descriptor, Open, open, readFile, replaceFile } from "../../os/file.ts";
import { exists, readLink, unlink } from "../../os/path.ts";
import { isLocked, tryProcessLock, waitLock } from "../../os/lock.ts";
import { decodeOs, encodeOs } from "../../os/os_string.ts";
import { Errno, isErrno } from "../../os/system_error.ts";
import { ServicePath } from "../../servicedir/protocol.ts";
import type { DefinitionSet } from "../definitions/definition_set.ts";
import { Graph } from "../definitions/graph.ts";
import { formatLiveState, type LiveState, parseLiveState, type Standing } from "./live_state.ts";
import { writeText } from "./write_text.ts";

/** The default path of the live directory. */
export const DEFAULT_LIVE = "/run/sv-rc";

/** There is no live directory, or another command is using it. */
export class LiveError extends Error {
  override name = "LiveError";
}

/** There is a live directory already, and it is another than the one wanted. */
export class OtherLiveError extends LiveError {
  override name = "OtherLiveError";
}

/** A file of a live directory is missing or damaged. */
export class InvalidLiveError extends Error {
  override name = "InvalidLiveError";
}

/** How to open a live directory. */
export interface OpenLiveOptions {
  /** Whether it is to be changed, which only one command does at a time; or only read, at any time. */
  readonly purpose: "read" | "change";
  /** Whether to wait while another command changes it; default: throw, or read it as it is. */
  readonly block?: boolean;
}

/**
 * A live directory: which definitions are in force, which services are up, and the service
 * directories of the longruns. The states of all services are in one file, which is replaced as a
 * whole: a command that is killed never leaves half of a change in it.
 */
export class Live implements Disposable {
  /** Its path. */
  readonly path: string;
  readonly #lock: number;
  #state: LiveState;
  #set: DefinitionSet;
  #graph: Graph;

  /**
   * Opens a live directory, and locks it where it is to be changed.
   *
   * @param path Its path.
   * @param options What for.
   * @throws {LiveError} when there is none, or another command changes it.
   * @throws {InvalidLiveError} when something is wrong with it.
   */
  constructor(path: string, { purpose, block = false }: OpenLiveOptions) {
    // Absolute, because symbolic links in the scan directory lead here.
    this.path = path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
    const lockPath = `${path}/lock`;
    try {
      const access = purpose === "read" ? Open.READ : Open.READ_WRITE;
      this.#lock = open(CWD, lockPath, access | Open.NONBLOCK);
    } catch (error) {
      if (!isErrno(error, Errno.ENOENT)) throw error;
      throw new LiveError(`Cannot use ${path}: there is no live state; run sv rc init first`);
    }
    try {
      if (purpose === "change") this.#takeLock(lockPath, block);
      else if (block) {
        // Held for an instant only: a command that comes now to change something needs it.
        using waiting = new Descriptor(open(CWD, lockPath, Open.READ | Open.NONBLOCK));
        waitLock(waiting.fd, lockPath, "shared");
      }
      [this.#state, this.#set] = this.#readAll();
      this.#graph = new Graph(this.#set.definitions);
    } catch (error) {
      close(this.#lock);
      throw error;
    }
  }

  #takeLock(lockPath: string, block: boolean): void {
    if (!block && tryProcessLock(this.#lock, lockPath, "exclusive")) return;
    if (!block && isLocked(this.#lock, lockPath)) {
      throw new LiveError(
        `Cannot use ${this.path}: another command is at work on it; wait for it to end, or use -b`,
      );
    }
    // Either the user wants to wait, or the command that has the lock only reads, and lets go at once.
    waitLock(this.#lock, lockPath, "exclusive");
  }

  /**
   * Reads the state and the definitions in force. An update that ends meanwhile puts others in force and
   * removes those: then the state is read again.
   */
  #readAll(): [LiveState, DefinitionSet] {
    for (;;) {
      const state = this.#readState();
      try {
        return [state, this.readSet(state.definitions)];
      } catch (error) {
        if (this.#readState().definitions === state.definitions) throw error;
      }
    }
  }

  /** Whether another command changes it now. */
  get isChanging(): boolean {
    return isLocked(this.#lock, `${this.path}/lock`);
  }

  #readState(): LiveState {
    const path = `${this.path}/state`;
    const state = parseLiveState(decodeOs(readFile(CWD, path, 1 << 26)));
    if (state === undefined) {
      throw new InvalidLiveError(`Cannot understand ${path}: it is not a state file of sv rc`);
    }
    return state;
  }

  /** Reads a set of definitions that is kept here. */
  readSet(id: string): DefinitionSet {
    const path = `${definitionsDirectory(this.path, id)}/definitions.json`;
    try {
      return JSON.parse(decodeOs(readFile(CWD, path, 1 << 28)));
    } catch (error) {
      throw new InvalidLiveError(`Cannot use the definitions in ${path}: ${error}`);
    }
  }

  /** The content of the state file. */
  get state(): LiveState {
    return this.#state;
  }

  /** The definitions in force. */
  get set(): DefinitionSet {
    return this.#set;
  }

  /** The graph of the definitions in force. */
  get graph(): Graph {
    return this.#graph;
  }

  /** The scan directory in which the longruns are supervised. */
  get scandir(): string {
    return readLink(CWD, `${this.path}/scandir`)!;
  }

  /** The prefix of the names of the longruns in the scan directory. */
  get prefix(): string {
    return decodeOs(readFile(CWD, `${this.path}/prefix`));
  }

  /** Returns the live service directory of a longrun. */
  serviceDirectory(name: string): string {
    return `${this.path}/servicedirs/${name}`;
  }

  /** Returns the standing of a node, or undefined where it is down. */
  standing(index: number): Standing | undefined {
    return this.#state.services.get(this.#graph.nodes[index]!.definition.name);
  }

  /** The nodes that count as up, also where a stop was interrupted: it has not succeeded. */
  get up(): Set<number> {
    return this.#nodesThat((standing) => standing === "up" || standing === "stopping");
  }

  /** The nodes that are up, without those whose start or stop was interrupted. */
  get certainlyUp(): Set<number> {
    return this.#nodesThat((standing) => standing === "up");
  }

  /** The nodes that are down, without those whose start or stop was interrupted. */
  get certainlyDown(): Set<number> {
    return this.#nodesThat((standing) => standing === undefined);
  }

  #nodesThat(predicate: (standing: Standing | undefined) => boolean): Set<number> {
    const indexes = this.#graph.nodes.map(({ index }) => index);
    return new Set(indexes.filter((index) => predicate(this.standing(index))));
  }

  /** Replaces the state file as a whole. */
  replaceState(state: LiveState): void {
    const path = `${this.path}/state`;
    replaceFile(CWD, path, `${path}.new`, encodeOs(formatLiveState(state)));
    const changed = state.definitions !== this.#state.definitions;
    this.#state = state;
    if (!changed) return;
    this.#set = this.readSet(state.definitions);
    this.#graph = new Graph(this.#set.definitions);
  }

  /** Records the standing of services, by name; undefined: down. */
  remember(changes: ReadonlyMap<string, Standing | undefined>): void {
    const services = new Map(this.#state.services);
    for (const [name, standing] of changes) {
      if (standing === undefined) services.delete(name);
      else services.set(name, standing);
    }
    this.replaceState({ ...this.#state, services });
  }

  /** Makes or removes the file `down`: whether a new supervisor of a longrun leaves it down. */
  markDown(name: string, down: boolean): void {
    const path = `${this.serviceDirectory(name)}/${ServicePath.down}`;
    if (!down) unlink(CWD, path);
    else if (!exists(CWD, path)) writeText(path, "");
  }

  [Symbol.dispose](): void {
    close(this.#lock);
  }
}

/** Returns the path at which a live directory keeps a set of definitions. */
export function definitionsDirectory(live: string, id: string): string {
  return `${live}/definitions/${id}`;
}
