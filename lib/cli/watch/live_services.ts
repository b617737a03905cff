import type { Explanation } from "../../explain/explanation.ts";
import { explain } from "../../explain/explain.ts";
import type { Facts } from "../../explain/facts.ts";
import { readFactsWithoutProcesses } from "../../explain/read_facts.ts";
import { monotonicClock } from "../../os/clock.ts";
import { type DirectoryEvent, DirectoryWatch } from "../../os/directory_watch.ts";
import { Priority, reactor } from "../../os/reactor.ts";
import { Errno, isErrno } from "../../os/system_error.ts";
import { SupervisePath } from "../../servicedir/protocol.ts";
import { type NamedService, servicesOf } from "../status/service_names.ts";
import { WatchedLives } from "./watched_lives.ts";

/**
 * Milliseconds from the first news of a service to the look at it: news that come together are one, and a person
 * sees no difference.
 */
const SETTLE = 50;

/** How often the kernel is asked for news before the look at them: hundreds come at once. */
const READS = 16;

/** How a service is, and why. */
export interface LiveService {
  readonly service: NamedService;
  readonly facts: Facts;
  readonly explanation: Explanation;
}

/** Called with the names of services that are not as they were: changed, new or gone. */
export type OnChange = (names: ReadonlySet<string>) => void;

/** The files of `supervise/` that tell how a service is. A temporary file is none of them. */
const TELLING: ReadonlySet<string> = new Set(
  [
    SupervisePath.status,
    SupervisePath.lock,
    SupervisePath.readiness,
    SupervisePath.sdStatus,
    SupervisePath.failure,
  ].map((path) => path.slice(SupervisePath.directory.length + 1)),
);

/**
 * Services whose states are kept up to date by what the kernel tells of their files: no service is looked
 * at but those in which something has happened, and where nothing happens, nothing is done.
 */
export class LiveServices implements Disposable {
  readonly #scandir: string | undefined;
  readonly #onChange: OnChange;
  readonly #settle: number;
  readonly #watch = new DirectoryWatch();
  readonly #byName = new Map<string, LiveService>();
  /** What the directories that are watched are: services by name, or the scan directory. */
  readonly #watched = new Map<number, string>();
  readonly #news = new Set<string>();
  #listAgain = false;
  #isListening = false;
  #look: Disposable | undefined;
  #lookedAt = -Infinity;
  readonly #lives = new WatchedLives(this.#watch, (names) => {
    for (const name of names) this.#news.add(name);
    this.#lookSoon();
  });

  /**
   * Reads how the services are, and begins to watch them.
   *
   * @param which The services, or the scan directory of which all are watched, also those that come.
   * @param onChange Called after a change, never from the constructor.
   * @param settle Milliseconds from the first news of a service to the look at it.
   */
  constructor(which: readonly NamedService[] | string, onChange: OnChange, settle = SETTLE) {
    this.#onChange = onChange;
    this.#settle = settle;
    this.#scandir = typeof which === "string" ? which : undefined;
    try {
      // What happens while the services are read is news.
      if (typeof which === "string") this.#watched.set(this.#watch.add(which), "");
      const services = typeof which === "string" ? servicesOf(which) : which;
      for (const service of services) this.#add(service);
      this.#lives.forget();
      this.#listen();
    } catch (error) {
      this.#watch[Symbol.dispose]();
      throw error;
    }
  }

  /** The services by name. */
  get services(): ReadonlyMap<string, LiveService> {
    return this.#byName;
  }

  #add(service: NamedService): void {
    this.#follow(service);
    this.#read(service);
  }

  /** Watches what tells of a service; the service directory itself, where there is nothing yet. */
  #follow({ dir, name }: NamedService): void {
    for (const path of [`${dir}/${SupervisePath.directory}`, dir]) {
      try {
        this.#watched.set(this.#watch.add(path), name);
        return;
      } catch (error) {
        if (isErrno(error, Errno.ENOSPC)) throw error;
        // It is not there, or this user may not read it: the reading says so.
      }
    }
  }

  #read(service: NamedService): void {
    const told = readFactsWithoutProcesses(service.dir, service.name);
    const facts = this.#lives.completed(service, told);
    this.#byName.set(service.name, { service, facts, explanation: explain(facts) });
  }

  #listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    reactor().watch(this.#watch.fd, Priority.Ordinary, () => {
      this.#takeNews();
      if (this.#listAgain || this.#news.size > 0) this.#lookSoon();
    });
  }

  /** Takes the news that there are; of endless news, the first. What is left is news again. */
  #takeNews(): void {
    for (let reads = 0; reads < READS; reads++) {
      const events = this.#watch.read();
      if (events.length === 0) return;
      for (const event of events) this.#take(event);
    }
  }

  #take({ directory, name, what }: DirectoryEvent): void {
    const watched = this.#watched.get(directory);
    if (this.#lives.take(directory, name)) return;
    if (what === "lost") this.#allNews();
    else if (watched === undefined) return;
    else if (watched === "") this.#listAgain = true;
    else if (what === "ended" || name === SupervisePath.directory || TELLING.has(name)) {
      this.#news.add(watched);
    }
  }

  /**
   * Looks at the news when the time for it has come: soon, but where news come all the time no more often than
   * once in twice that time. Until then this process does not listen: the kernel keeps what comes meanwhile, and
   * wakes no thread (measured with 25 restarts a second: 120 switches of threads a second, and 700 otherwise).
   */
  #lookSoon(): void {
    const rest = this.#lookedAt + 2 * this.#settle - monotonicClock();
    this.#look ??= reactor().after(Math.max(this.#settle, rest), () => this.#lookAtNews());
    // After the timer is set: a reactor that waits for nothing ends.
    this.#isListening = false;
    reactor().unwatch(this.#watch.fd);
  }

  #allNews(): void {
    this.#listAgain = this.#scandir !== undefined;
    for (const name of this.#byName.keys()) this.#news.add(name);
  }

  #lookAtNews(): void {
    this.#look = undefined;
    this.#lookedAt = monotonicClock();
    const changed = new Set<string>();
    try {
      this.#takeNews();
      if (this.#listAgain) this.#compareList(changed);
      for (const name of this.#news) {
        const live = this.#byName.get(name);
        if (live === undefined) continue;
        this.#add(live.service);
        changed.add(name);
      }
    } finally {
      this.#news.clear();
      this.#lives.forget();
      this.#listen();
    }
    if (changed.size > 0) this.#onChange(changed);
  }

  /** Lists the scan directory. Where that is impossible, its services are those that are known. */
  #list(): readonly NamedService[] {
    try {
      return servicesOf(this.#scandir!);
    } catch (error) {
      if (isErrno(error, Errno.ENOENT)) return [];
      return [...this.#byName.values()].map(({ service }) => service);
    }
  }

  /** Takes in services that have come, and forgets those that have gone. */
  #compareList(changed: Set<string>): void {
    this.#listAgain = false;
    const now = new Map(this.#list().map((service) => [service.name, service]));
    for (const name of [...this.#byName.keys()]) {
      if (now.has(name)) continue;
      this.#byName.delete(name);
      changed.add(name);
    }
    for (const [name, service] of now) {
      if (this.#byName.has(name)) continue;
      this.#add(service);
      changed.add(name);
    }
  }

  /** Explains again, as time has passed, what may have become of a service without any news. */
  refresh(name: string): void {
    const live = this.#byName.get(name);
    if (live !== undefined) this.#read(live.service);
    this.#lives.forget();
  }

  [Symbol.dispose](): void {
    this.#look?.[Symbol.dispose]();
    this.#lives[Symbol.dispose]();
    reactor().unwatch(this.#watch.fd);
    this.#watch[Symbol.dispose]();
  }
}
