import { reasonOf } from "../os/system_error.ts";
import type { Deaths } from "../os/spawn/deaths.ts";
import { reactor } from "../os/reactor.ts";
import type { Spawner } from "../os/spawn/spawner.ts";
import { answerAskers, findAskers } from "./askers.ts";
import type { handOver } from "./hand_over.ts";
import type { ScanSnapshot } from "./snapshot.ts";
import { tryProgram } from "./trial.ts";

/** The scan, as an {@linkcode Upgrade} sees it. */
export interface UpgradeHost {
  /** The program on disk, as the beginning of a command line, `scan` included. */
  readonly program: readonly string[];
  /** The arguments that it is started with. */
  readonly args: readonly string[];
  /** Descriptors that the arguments name, open: the program gets them under the same numbers. */
  readonly named: readonly number[];
  /** The control directory, where askers wait. */
  readonly directory: string;
  /** Starts the program for its trial. */
  readonly spawner: Spawner;
  /** Learns of the death of that program. */
  readonly deaths: Deaths;
  /** The soft limit on open files that the services get, where it is not this process's. */
  readonly softNofile: number | undefined;
  /** Why there can be no upgrade at the moment; undefined where there can. */
  readonly obstacle: string | undefined;
  /** Replaces this program by another. */
  readonly handOver: typeof handOver;
  /** Calls back as soon as no service is being started: a snapshot can be taken then. */
  whenNothingStarts(callback: () => void): void;
  /** Returns the scan's snapshot; undefined while a service is being started. */
  snapshot(): ScanSnapshot | undefined;
  /** Gets messages for the administrator. */
  report(message: string): void;
}

/**
 * Puts the program on disk in the place of this one: first a trial, then the change, each as soon as
 * no service is being started. The askers are told the outcome; where the upgrade succeeds, by the
 * new program, which finds their names in the snapshot.
 *
 * Requests that come while an attempt is under way share its success, but not its refusal: the program
 * on disk may have been replaced after the trial began. They get another attempt, also where nobody
 * waits for the outcome.
 */
export class Upgrade {
  readonly #host: UpgradeHost;
  /** Identifies the attempt that is under way: callbacks of a former attempt do nothing. */
  #attempt: object | undefined;
  #trial: Disposable | undefined;
  /** The askers of this attempt, and those that asked after it had begun. */
  #askers: readonly string[] = [];
  #late: readonly string[] = [];
  /** How many askers of this attempt have made their FIFO before it began, and send their request yet. */
  #toCome = 0;
  /** Whether there is to be another attempt if this one is refused. */
  #again = false;

  /** @param host The scan. */
  constructor(host: UpgradeHost) {
    this.#host = host;
  }

  /** Takes a request: begins an upgrade, unless one is under way. */
  request(): void {
    const asking = findAskers(this.#host.directory);
    if (this.#attempt === undefined) return this.#begin(asking);
    const late = asking.filter((name) => !this.#askers.includes(name));
    const isExpected = this.#toCome > 0 && late.every((name) => this.#late.includes(name));
    this.#late = late;
    if (isExpected) this.#toCome--;
    else this.#again = true;
  }

  /** Ends an upgrade that is under way, because the scan ends. */
  giveUp(reason: string): void {
    this.#trial?.[Symbol.dispose]();
    this.#trial = undefined;
    if (this.#attempt === undefined) return;
    this.#askers = [...this.#askers, ...this.#late];
    this.#again = false;
    this.#refuse(reason, "");
  }

  #begin(askers: readonly string[]): void {
    this.#attempt = {};
    this.#askers = askers;
    this.#late = [];
    this.#toCome = Math.max(askers.length - 1, 0);
    this.#again = false;
    this.#whenPossible((snapshot) => this.#try(snapshot));
  }

  /** Goes on with the attempt as soon as no service is being started. */
  #whenPossible(next: (snapshot: ScanSnapshot) => void): void {
    const attempt = this.#attempt;
    this.#host.whenNothingStarts(() => {
      if (this.#attempt !== attempt) return;
      const { obstacle } = this.#host;
      if (obstacle !== undefined) return this.#refuse(obstacle);
      try {
        const snapshot = this.#host.snapshot();
        if (snapshot === undefined) throw new Error("a service is being started");
        next(snapshot);
      } catch (error) {
        this.#refuse(reasonOf(error));
      }
    });
  }

  #try(snapshot: ScanSnapshot): void {
    const { program, args, named, spawner, deaths, softNofile } = this.#host;
    this.#trial = tryProgram(
      { program, args, named, snapshot, spawner, deaths, softNofile },
      (reason) => {
        this.#trial = undefined;
        if (reason !== undefined) this.#refuse(reason);
        else this.#inALaterTurn(() => this.#whenPossible((snapshot) => this.#handOver(snapshot)));
      },
    );
  }

  /**
   * Goes on with the attempt in a later turn. Signals and commands are read several at a time: those
   * that were read together with the end of the trial would be lost in a hand-over.
   */
  #inALaterTurn(next: () => void): void {
    const attempt = this.#attempt;
    reactor().after(0, () => {
      if (this.#attempt === attempt) next();
    });
  }

  /** Becomes the other program; comes back only when that failed. */
  #handOver(snapshot: ScanSnapshot): void {
    const { program, args, named } = this.#host;
    const askers = [...this.#askers, ...this.#late];
    this.#refuse(reasonOf(this.#host.handOver(program, args, named, { ...snapshot, askers })));
  }

  #refuse(reason: string, tail = "; going on as before"): void {
    const { directory } = this.#host;
    const late = this.#late;
    this.#attempt = undefined;
    this.#host.report(`warning: no upgrade: ${reason}${tail}`);
    answerAskers(directory, this.#askers, { upgraded: false, reason });
    if (this.#again) this.#begin(late);
  }
}
