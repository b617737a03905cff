import { descriptorState, isInherited } from "../descriptor.ts";
import { CWD } from "../file.ts";
import { fstat } from "../file_status.ts";
import { Access, accessErrno, readLink } from "../path.ts";
import { libc } from "../libc.ts";
import { openDescriptors } from "../open_descriptors.ts";
import { reactor } from "../reactor.ts";

const SYS_close_range = 436n;
const CLOSE_RANGE_UNSHARE = 2n;
const LAST = 0xffff_ffffn;
const NO_DESCRIPTOR = 0xffff_fffen;

/** The runtime opens some ten descriptors at its start, and takes the lowest numbers that are free. */
const SEARCHED = 256;

/**
 * How often a thread is made lean. The runtime chooses the thread for each call, so nothing says which
 * ones are lean already. After this many calls each thread of a few has taken one; a thread that has
 * not is slower, but does the same.
 */
const CALLS = 32;

/**
 * Gives the runtime's threads tables of descriptors of their own, with the runtime's descriptors only.
 * The kernel copies the table of the thread that starts a program, and closes what is not passed on:
 * with three descriptors for each of a thousand services that takes longer than the rest of the start.
 *
 * A lean thread finds this program's later descriptors only by their names in /proc. And it keeps its
 * copies open for as long as it lives, even when the main thread closes the originals: so these must be
 * the runtime's own.
 */
export class LeanThreads {
  /** The threads keep the descriptors below this one, which are all the runtime's. */
  readonly #end: number;
  readonly #descriptors = `/proc/${Deno.pid}/fd`;
  readonly #handedOver: readonly number[];
  #first = "";
  #usable = false;
  /** Whether it is known whether threads can be lean: /proc may be mounted only later. */
  #decided = false;
  #used = false;
  #calls = 0;

  /**
   * To be made when the reactor is there, and nothing else of this program is open.
   *
   * @param handedOver Descriptors that a former program in this process has left open. Where one is
   *   among the runtime's, no thread is made lean.
   */
  constructor(handedOver: readonly number[]) {
    this.#handedOver = handedOver;
    this.#end = this.#endOfRuntime();
    this.#decide();
  }

  /**
   * Returns the number after the last of the descriptors by which the runtime's threads wake each
   * other: a thread that lacks one ends the program. Finds them without /proc.
   */
  #endOfRuntime(): number {
    const others = new Set([...this.#handedOver, ...reactor().descriptors]);
    const wakes = (fd: number) =>
      descriptorState(fd) === "private" && fstat(fd).type === "anonymous" && !others.has(fd);
    let end = SEARCHED;
    while (end > 3 && !wakes(end - 1)) end--;
    return end;
  }

  #decide(): void {
    if (this.#decided || accessErrno(CWD, this.#descriptors, Access.EXISTS) !== 0) return;
    this.#decided = true;
    this.#first = this.#low();
    this.#usable = this.#handedOver.every((fd) => fd >= this.#end) && this.#isPossible();
  }

  /** Returns what the descriptors below the end are, to be compared. */
  #low(): string {
    const links: (string | null)[] = [];
    for (let fd = 3; fd < this.#end; fd++) {
      try {
        links.push(readLink(CWD, this.path(fd)));
      } catch {
        links.push(null);
      }
    }
    return links.join("\n");
  }

  /**
   * Whether another process may wait for the end of this program's output, which threads would put
   * off: the reader of a FIFO with a name, or a service that has inherited the other end.
   */
  #outputIsWatched(inherited: readonly number[]): boolean {
    const others = inherited.filter((fd) => fd !== 1 && fd !== 2).map(fstat);
    return [1, 2].some((fd) => {
      const { type, identity } = fstat(fd);
      // Which socket is the other end of which can't be found out.
      if (type === "socket") return others.some((other) => other.type === "socket");
      if (type !== "fifo") return false;
      return !readLink(CWD, this.path(fd))?.startsWith("pipe:") ||
        others.some((other) => other.identity === identity);
    });
  }

  #isPossible(): boolean {
    try {
      // The /proc of another PID namespace would show some other process.
      if (readLink(CWD, "/proc/self") !== String(Deno.pid)) return false;
      const inherited = openDescriptors().filter((fd) => isInherited(fd));
      // Services inherit what this program has inherited, and a lean thread would no longer have it.
      if (inherited.some((fd) => fd >= this.#end)) return false;
      if (this.#outputIsWatched(inherited)) return false;
    } catch {
      return false;
    }
    // An empty range: succeeds where the kernel knows the call.
    return libc.syscall(SYS_close_range, NO_DESCRIPTOR, NO_DESCRIPTOR, 0n, 0n, 0n) === 0n;
  }

  /** Whether threads can be made lean here, and find descriptors by {@linkcode LeanThreads.path}. */
  get usable(): boolean {
    return this.#usable;
  }

  /** Whether a thread may be lean by now, and without this program's later descriptors. */
  get used(): boolean {
    return this.#used;
  }

  /** Makes no more threads lean, because a lean one could not start a program. */
  giveUp(): void {
    this.#usable = false;
  }

  /** Returns the name under which every thread and every new process finds a descriptor of the main thread. */
  path(fd: number): string {
    return `${this.#descriptors}/${fd}`;
  }

  /** Begins anew, because the runtime may have ended its threads, and starts others. */
  renew(): void {
    this.#calls = 0;
    this.#decide();
  }

  /** Makes a thread lean. To be awaited before each call on a thread. */
  async trim(): Promise<void> {
    if (this.#calls === 0 && this.#low() !== this.#first) this.giveUp();
    if (!this.#usable || ++this.#calls > CALLS) return;
    this.#used = true;
    const end = BigInt(this.#end);
    await libc.syscall_async(SYS_close_range, end, LAST, CLOSE_RANGE_UNSHARE, 0n, 0n);
  }
}
