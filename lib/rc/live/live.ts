import { close, CWD, Open, open, readFile, replaceFile } from "../../os/file.ts";
import { exists, readLink, unlink } from "../../os/path.ts";
import { tryProcessLock, waitLock } from "../../os/lock.ts";
import { decodeOs, encodeOs } from "../../os/os_string.ts";
import { Errno, isErrno } from "../../os/system_error.ts";
import { ServicePath } from "../../servicedir/protocol.ts";
import type { DefinitionSet } from "../definitions/definition_set.ts";
import { Graph } from "../definitions/graph.ts";
import { formatLiveState, type LiveState, parseLiveState, type Standing } from "./live_state.ts";
import { writeText } from "./write_text.ts";

/** Where the state of the services is unless another place is named. */
export const DEFAULT_LIVE = "/run/sv-rc";

/** There is no live directory, or another command is using it. */
export class LiveError extends Error {
  override name = "LiveError";
}

/** A live directory does not contain what it must. */
export class InvalidLiveError extends Error {
  override name = "InvalidLiveError";
}

/** How to open a live directory. */
export interface OpenLiveOptions {
  /** Readers share it; who changes something has it alone. */
  readonly lock: "shared" | "exclusive";
  /** Wait for others that use it; default: fail. */
  readonly block?: boolean;
}

/**
 * A live directory: which definitions are in force, which services are up, and the service
 * directories of the longruns. All that is said of the services is in one file, which is replaced as
 * a whole: there is no moment at which it is not true.
 */
export class Live implements Disposable {
  /** Its path. */
  readonly path: string;
  readonly #lock: number;
  #state: LiveState;
  #set: DefinitionSet;
  #graph: Graph;

  /**
   * Opens and locks a live directory.
   *
   * @param path Its path.
   * @param options How to lock it.
   * @throws {LiveError} when there is none, or it is in use.
   * @throws {InvalidLiveError} when something is wrong with it.
   */
  constructor(path: string, { lock, block = false }: OpenLiveOptions) {
    // Links in the scan directory lead here from elsewhere.
    this.path = path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
    const lockPath = `${path}/lock`;
    try {
      this.#lock = open(CWD, lockPath, Open.READ_WRITE | Open.NONBLOCK);
    } catch (error) {
      if (!isErrno(error, Errno.ENOENT)) throw error;
      throw new LiveError(`Cannot use ${path}: there is no live state; run sv rc init first`);
    }
    try {
      if (block) waitLock(this.#lock, lockPath, lock);
      else if (!tryProcessLock(this.#lock, lockPath, lock)) {
        throw new LiveError(
          `Cannot use ${path}: another command is at work on it; wait for it to end, or use -b`,
        );
      }
      this.#state = this.#readState();
      this.#set = this.readSet(this.#state.definitions);
      this.#graph = new Graph(this.#set.definitions);
    } catch (error) {
      close(this.#lock);
      throw error;
    }
  }

  #readState(): LiveState {
    const path = `${this.path}/state`;
    const state = parseLiveState(decodeOs(readFile(CWD, path, 1 << 26)));
    if (state === undefined) {
      throw new InvalidLiveError(`Cannot understand ${path}: it is not a state file of sv rc`);
    }
    return state;
  }

  /** A set of definitions that is kept here. */
  readSet(id: string): DefinitionSet {
    const path = `${definitionsDirectory(this.path, id)}/definitions.json`;
    try {
      return JSON.parse(decodeOs(readFile(CWD, path, 1 << 28)));
    } catch (error) {
      throw new InvalidLiveError(`Cannot use the definitions in ${path}: ${error}`);
    }
  }

  /** What is remembered. */
  get state(): LiveState {
    return this.#state;
  }

  /** The definitions in force. */
  get set(): DefinitionSet {
    return this.#set;
  }

  /** The services in force. */
  get graph(): Graph {
    return this.#graph;
  }

  /** The scan directory in which the longruns are supervised. */
  get scandir(): string {
    return readLink(CWD, `${this.path}/scandir`)!;
  }

  /** What the names of the longruns start with in the scan directory. */
  get prefix(): string {
    return decodeOs(readFile(CWD, `${this.path}/prefix`));
  }

  /** The service directory of a longrun. */
  serviceDirectory(name: string): string {
    return `${this.path}/servicedirs/${name}`;
  }

  /** How it stands with a node; undefined where it is down. */
  standing(index: number): Standing | undefined {
    return this.#state.services.get(this.#graph.nodes[index]!.definition.name);
  }

  /** The nodes that count as up: a stop that was broken off has not succeeded. */
  get up(): Set<number> {
    return this.#nodesThat((standing) => standing === "up" || standing === "stopping");
  }

  /** The nodes that are certainly up. */
  get certainlyUp(): Set<number> {
    return this.#nodesThat((standing) => standing === "up");
  }

  /** The nodes that are certainly down. */
  get certainlyDown(): Set<number> {
    return this.#nodesThat((standing) => standing === undefined);
  }

  #nodesThat(predicate: (standing: Standing | undefined) => boolean): Set<number> {
    const indexes = this.#graph.nodes.map(({ index }) => index);
    return new Set(indexes.filter((index) => predicate(this.standing(index))));
  }

  /** Remembers something else, from one moment to the next. */
  replaceState(state: LiveState): void {
    const path = `${this.path}/state`;
    replaceFile(CWD, path, `${path}.new`, encodeOs(formatLiveState(state)));
    const changed = state.definitions !== this.#state.definitions;
    this.#state = state;
    if (!changed) return;
    this.#set = this.readSet(state.definitions);
    this.#graph = new Graph(this.#set.definitions);
  }

  /** Remembers how it stands with services, by name; undefined is down. */
  remember(changes: ReadonlyMap<string, Standing | undefined>): void {
    const services = new Map(this.#state.services);
    for (const [name, standing] of changes) {
      if (standing === undefined) services.delete(name);
      else services.set(name, standing);
    }
    this.replaceState({ ...this.#state, services });
  }

  /** Says to the supervisor of a longrun whether it is to start it when it starts itself. */
  markDown(name: string, down: boolean): void {
    const path = `${this.serviceDirectory(name)}/${ServicePath.down}`;
    if (!down) unlink(CWD, path);
    else if (!exists(CWD, path)) writeText(path, "");
  }

  [Symbol.dispose](): void {
    close(this.#lock);
  }
}

/** Where a live directory keeps a set of definitions. */
export function definitionsDirectory(live: string, id: string): string {
  return `${live}/definitions/${id}`;
}
