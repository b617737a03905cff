import { monotonicClock } from "../../os/clock.ts";
import { isDead, processExists } from "../../os/process.ts";
import {
  childrenOfMainThread,
  isInOurNetwork,
  processName,
  procIsOurs,
  sessionOf,
} from "../../os/process_family.ts";
import { reactor } from "../../os/reactor.ts";
import { allProcesses, holdsSocket } from "../../os/socket_holders.ts";
import { belongsTo, type ServiceProcesses } from "../service_processes.ts";

/** Whose a server that a check connects to must be. */
export interface OwnerOptions {
  /**
   * The daemon's process id. Where the socket that answers belongs to processes of this machine, one of
   * them must be the daemon, or descend from it, or be in the session that it leads; otherwise the check
   * fails, and its error names the process. Where the kernel does not tell, anybody may answer.
   *
   * @default {undefined} Anybody may answer.
   */
  readonly owner?: number;
}

/** The reason of a check that was answered by a process that is not part of the service. */
export class StrangerError extends Error {
  /** The class's name, by which an error is told from others. */
  override name = "StrangerError";
}

/** The socket that has answered a check. */
export interface Answer {
  /** Where, for the error. */
  readonly where: string;
  /** The process that has made the socket listen, where the kernel tells; 0: unknown. */
  readonly listenedBy?: number;
  /** Returns whether the connection was broken by the other end since then. */
  readonly isReset?: () => boolean;
  /** Returns the socket, where the kernel tells at little cost. */
  readonly socket?: () => number | undefined;
  /** Returns all sockets that may have answered; none where they are not of this network namespace. */
  readonly sockets: () => ReadonlySet<number>;
}

/** How long a search may keep everything else waiting, in milliseconds. */
const LONGEST_TURN = 5;

/** The number of no session. */
const NO_SESSION = -1;

/** Returns the processes that count as those of a daemon of which only the process id is known. */
export function processesLedBy(pid: number | undefined): ServiceProcesses | undefined {
  if (pid === undefined) return undefined;
  return { pid, session: sessionOf(pid) === pid ? pid : NO_SESSION, controlGroups: undefined };
}

/**
 * Tells a service's own servers from others. In almost all cases the daemon itself has the socket, which
 * takes a look at its descriptors; only a stranger takes a look at those of all processes, and only
 * once.
 */
export class Ownership {
  readonly #service: ServiceProcesses;
  /** The strangers that were found, by their sockets. */
  readonly #strangers = new Map<string, number>();

  /** @param service The processes that may answer. */
  constructor(service: ServiceProcesses) {
    this.#service = service;
  }

  /**
   * Makes sure that an answer came from the service.
   *
   * @param answer The answer. Its connection is still open.
   * @param signal Aborting it ends the search.
   * @returns Whether that is known: false where the kernel does not tell who has answered.
   * @throws {StrangerError} when a process has answered that is not part of the service.
   */
  async verify(answer: Answer, signal: AbortSignal): Promise<boolean> {
    const service = this.#service;
    if (belongsTo(service, answer.listenedBy ?? 0)) return true;
    if (!procIsOurs()) return false;
    const first = answer.socket?.();
    if (first !== undefined && holdsSocket(service.pid, new Set([first])) === true) return true;
    const sockets = new Set(answer.sockets());
    if (first !== undefined) sockets.add(first);
    if (sockets.size === 0) {
      // It is answered in another network namespace, or its process has died since.
      if (answer.isReset?.()) throw new Error(`${answer.where} is not answered any more`);
      return false;
    }
    if (isDead(service.pid)) throw new Error(`process ${service.pid} has died`);

    const family = this.#family();
    if (family.some((pid) => holdsSocket(pid, sockets) === true)) return true;
    const key = [...sockets].sort().join();
    const known = this.#strangers.get(key);
    const holder = known !== undefined && holdsSocket(known, sockets) === true
      ? known
      : await this.#search(sockets, new Set(family), signal);
    if (holder === "own") return true;
    if (holder === "unknown") return false;
    if (holder !== undefined) this.#strangers.set(key, holder);
    throw new StrangerError(
      `${answer.where} is answered by ${describe(holder ?? answer.listenedBy)}`,
    );
  }

  /** Returns the daemon, its children, and theirs, as far as the kernel tells that at little cost. */
  #family(): number[] {
    const family = [this.#service.pid];
    for (const member of family) family.push(...childrenOfMainThread(member));
    return family;
  }

  /**
   * Looks for a process that has one of the sockets: first in the daemon's session, then everywhere.
   *
   * @param looked The processes that do not have it, or are hidden.
   * @returns The process; "own" where one that has it belongs to the service; undefined where none is
   *   found, and "unknown" where that does not mean that it is none of the service's.
   */
  async #search(
    sockets: ReadonlySet<number>,
    looked: ReadonlySet<number>,
    signal: AbortSignal,
  ): Promise<number | "own" | "unknown" | undefined> {
    const service = this.#service;
    const all = allProcesses();
    const session = new Set(
      all.filter((pid) => !looked.has(pid) && sessionOf(pid) === service.session),
    );
    if ([...session].some((pid) => holdsSocket(pid, sockets) === true)) return "own";
    const others = all.filter((pid) => !looked.has(pid) && !session.has(pid));
    let found: number | undefined;
    let began = monotonicClock();
    for (const pid of others) {
      if (monotonicClock() - began > LONGEST_TURN) {
        await new Promise<void>((resolve) => reactor().after(0, resolve));
        signal.throwIfAborted();
        began = monotonicClock();
      }
      if (holdsSocket(pid, sockets) !== true) continue;
      if (belongsTo(service, pid)) return "own";
      found ??= pid;
    }
    const isHidden = (pid: number) => processExists(pid) && holdsSocket(pid, sockets) === "hidden";
    const unseen = found === undefined
      ? [...looked, ...session].some(isHidden)
      : isHidden(service.pid);
    return unseen || isInOurNetwork(service.pid) === false ? "unknown" : found;
  }
}

/** Returns words for a process that is not part of the service. */
function describe(pid: number | undefined): string {
  const name = pid === undefined || pid <= 0 ? undefined : processName(pid);
  return name === undefined
    ? "a process that isn't part of this service"
    : `${name} (pid ${pid}), which isn't part of this service`;
}
