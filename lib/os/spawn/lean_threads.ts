import { descriptorState } from "../descriptor.ts";
import { CWD, Descriptor, fstat, Open, open, readLink, readNames } from "../file.ts";
import { libc } from "../libc.ts";

const SYS_close_range = 436n;
const CLOSE_RANGE_UNSHARE = 2n;
const LAST = 0xffff_ffffn;
const NO_DESCRIPTOR = 0xffff_fffen;

/**
 * Whichever thread takes a call has its descriptors afterwards. With so many calls every thread of a
 * few has got one; one that has not is slower, and no worse.
 */
const CALLS = 32;

/**
 * Gives the runtime's threads descriptors of their own, and only the first few. A program that is
 * started from a thread gets a copy of all its descriptors, and closes them again: with three for
 * each of a thousand services that takes longer than all the rest of its start.
 *
 * This program's later descriptors are known there only by their names in /proc. And the files that
 * such a thread has stay open for as long as it lives, whatever this program does: they must be the
 * runtime's own.
 */
export class LeanThreads {
  readonly #end: number;
  readonly #descriptors = `/proc/${Deno.pid}/fd`;
  readonly #first: string;
  #usable: boolean;
  #used = false;
  #calls = 0;

  /**
   * @param end The threads keep the descriptors below this one. All of them are the runtime's.
   */
  constructor(end: number) {
    this.#end = end;
    this.#first = this.#low();
    this.#usable = this.#isPossible();
  }

  /** What the low descriptors are. */
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
   * Whether somebody may wait for our output to be closed whom we outlive: the reader of a FIFO that
   * has a name, or one of our own services, which has inherited the other end.
   */
  #outputIsWatched(inherited: readonly number[]): boolean {
    const others = inherited.filter((fd) => fd !== 1 && fd !== 2).map(fstat);
    return [1, 2].some((fd) => {
      const { type, identity } = fstat(fd);
      // The ends of a pair of sockets can't be told from those of others.
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
      using listing = new Descriptor(open(CWD, this.#descriptors, Open.READ | Open.DIRECTORY));
      const inherited = readNames(listing.fd, this.#descriptors).map(Number)
        .filter((fd) => descriptorState(fd) === "inherited");
      // Programs get what this one got, and such a thread would not have it any more.
      if (inherited.some((fd) => fd >= this.#end)) return false;
      if (this.#outputIsWatched(inherited)) return false;
    } catch {
      return false;
    }
    return libc.syscall(SYS_close_range, NO_DESCRIPTOR, NO_DESCRIPTOR, 0n, 0n, 0n) === 0n;
  }

  /** Whether threads can be expected to be lean, and {@linkcode LeanThreads.path} leads somewhere. */
  get usable(): boolean {
    return this.#usable;
  }

  /** Whether a thread may have descriptors of its own by now, and know none of this program's. */
  get used(): boolean {
    return this.#used;
  }

  /** It turned out not to work here. */
  giveUp(): void {
    this.#usable = false;
  }

  /** The name under which every thread and every new process finds a descriptor of the main thread. */
  path(fd: number): string {
    return `${this.#descriptors}/${fd}`;
  }

  /** To be called when threads may have ended, and others will take their place. */
  renew(): void {
    this.#calls = 0;
  }

  /** Makes a thread lean. To be awaited before each call that a thread is to take. */
  async trim(): Promise<void> {
    if (this.#calls === 0 && this.#low() !== this.#first) this.giveUp();
    if (!this.#usable || ++this.#calls > CALLS) return;
    this.#used = true;
    const end = BigInt(this.#end);
    await libc.syscall_async(SYS_close_range, end, LAST, CLOSE_RANGE_UNSHARE, 0n, 0n);
  }
}
