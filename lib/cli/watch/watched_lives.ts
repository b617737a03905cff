import type { Facts } from "../../explain/facts.ts";
import type { DirectoryWatch } from "../../os/directory_watch.ts";
import { reactor } from "../../os/reactor.ts";
import type { LiveMoment } from "../explained/explain_live.ts";
import { waitingPlace } from "../explained/join_rc.ts";
import type { NamedService } from "../status/service_names.ts";

/**
 * Milliseconds from the first news of a live directory to the look at it. A start of many services replaces its
 * state often, and each look reads the services that wait.
 */
const SETTLE = 1000;

/** The files of a live directory that tell of its services; `lock` is closed when a command ends. */
const TELLING: ReadonlySet<string> = new Set(["state", "changes", "lock"]);

/** The live directories of `sv rc` in which services that are watched are down, and perhaps wait. */
export class WatchedLives implements Disposable {
  readonly #watch: DirectoryWatch;
  readonly #onNews: (names: Iterable<string>) => void;
  /** The names of the services that are down in each live directory. */
  readonly #down = new Map<string, Set<string>>();
  readonly #watched = new Map<number, string>();
  readonly #news = new Set<string>();
  #timer: Disposable | undefined;
  #module: { LiveMoment: typeof LiveMoment } | undefined;
  #isLoading = false;
  #moment: LiveMoment | undefined;

  /**
   * @param watch Watches the live directories, too.
   * @param onNews Called with the names of services of which `sv rc` may know something else.
   */
  constructor(watch: DirectoryWatch, onNews: (names: Iterable<string>) => void) {
    this.#watch = watch;
    this.#onNews = onNews;
  }

  /** Returns the facts about a service with what `sv rc` knows of it; the same facts where it is in none. */
  completed({ dir, name }: NamedService, facts: Facts): Facts {
    const place = waitingPlace(dir, facts);
    if (place === undefined) {
      for (const names of this.#down.values()) names.delete(name);
      return facts;
    }
    let names = this.#down.get(place.live);
    if (names === undefined) {
      names = new Set();
      this.#down.set(place.live, names);
      try {
        this.#watched.set(this.#watch.add(place.live), place.live);
      } catch {
        // It may not be read, or there are too many watches: the service's own news are enough.
      }
    }
    names.add(name);
    if (this.#module === undefined) {
      this.#load();
      return facts;
    }
    this.#moment ??= new this.#module.LiveMoment();
    return this.#moment.completed(facts, place);
  }

  /** Loads what reads live directories, where the first service is in one. */
  #load(): void {
    if (this.#isLoading) return;
    this.#isLoading = true;
    import("../explained/explain_live.ts").then((module) => {
      this.#module = module;
      for (const names of this.#down.values()) this.#onNews(names);
    });
  }

  /** Lets go of what was read: the next look reads it anew. */
  forget(): void {
    this.#moment?.[Symbol.dispose]();
    this.#moment = undefined;
  }

  /** Takes news of a directory. Returns false where it is no live directory. */
  take(directory: number, file: string): boolean {
    const live = this.#watched.get(directory);
    if (live === undefined) return false;
    if (TELLING.has(file) && this.#down.get(live)!.size > 0) {
      this.#news.add(live);
      this.#timer ??= reactor().after(SETTLE, () => this.#tell());
    }
    return true;
  }

  #tell(): void {
    this.#timer = undefined;
    for (const live of this.#news) this.#onNews([...this.#down.get(live)!]);
    this.#news.clear();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.forget();
  }
}
