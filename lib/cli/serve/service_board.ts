import { CWD, Descriptor, Open, tryOpen } from "../../os/file.ts";
import { monotonicClock, wallClock } from "../../os/clock.ts";
import { exists } from "../../os/path.ts";
import { reactor } from "../../os/reactor.ts";
import { explain } from "../../explain/explain.ts";
import { STATES } from "../../explain/states.ts";
import { type PollingStatus, readPollingStatus } from "../../servicedir/polling_status.ts";
import { readLife } from "../../servicedir/process_identity.ts";
import { isUp } from "../../servicedir/status.ts";
import { JSON_VERSION } from "../json.ts";
import { isAsWanted } from "../status/report.ts";
import { reportJson } from "../status/status_json.ts";
import { type LiveService, LiveServices } from "../watch/live_services.ts";
import { EventRing, type RingEvent } from "./event_ring.ts";

/** Milliseconds from the first news of a service to the look at it: a burst of files is one news. */
const SETTLE = 2;

/** For how many milliseconds an explanation in which time passes is taken for true. */
const VALID_FOR = 250;

const KEPT = { events: 1024, characters: 2_000_000 };

/** Milliseconds after which a process that is gone, and of which its supervisor tells nothing, is news. */
const GONE_FOR = 100;

/** How often a service was started. */
interface Starts {
  /** When it went up or down last, at the time of counting. */
  readonly stamp: bigint;
  /** Its process then; 0: none. */
  readonly pid: number;
  /** How often it was started again. */
  readonly restarts: number;
}

/** Returns what changes when something has happened to a service, without what changes with time alone. */
function essenceOf({ explanation: { state }, facts: { said, status } }: LiveService): string {
  const { pid, readyStamp, stamp, wantUp } = status ?? {};
  return [state, pid, stamp, readyStamp, wantUp, said?.state, said?.status].join(" ");
}

/** Returns how a service is, as an object for JSON. */
export function serviceJson(live: LiveService): Record<string, unknown> {
  const { facts: { status } } = live;
  const {
    output: _,
    memoryBytes: _memory,
    processes: _processes,
    processorMilliseconds: _cpu,
    ...fields
  } = reportJson({ ...live, processes: [] });
  return {
    ...fields,
    asWanted: isAsWanted(live),
    changed: status?.stamp ? new Date(Number(status.stamp / 1_000_000n)).toISOString() : null,
  };
}

/** Returns how often the supervisor of a service has started it. */
function startsOf(dir: string): number | undefined {
  const fd = tryOpen(CWD, dir, Open.READ | Open.DIRECTORY);
  if (fd < 0) return undefined;
  using directory = new Descriptor(fd);
  return readLife(directory.fd)?.starts;
}

/** The state of all services of a scan directory, kept up to date by events, and what has happened to them. */
export class ServiceBoard implements Disposable {
  readonly #scandir: string;
  readonly #live: LiveServices;
  readonly #essences = new Map<string, string>();
  readonly #states = new Map<string, string>();
  readonly #starts = new Map<string, Starts>();
  /** How far the polling of each service that is polled has got. */
  readonly #polling = new Map<string, PollingStatus>();
  /** Services that are not as they are wanted. */
  readonly #astray = new Set<string>();
  readonly #looked = new Map<string, number>();
  readonly #gone = new Map<string, Disposable>();
  readonly #ring = new EventRing(KEPT);
  readonly #readers = new Set<(event: RingEvent) => void>();

  /**
   * Reads how the services are, and begins to watch them.
   *
   * @param scandir The scan directory.
   * @throws {SystemError} when it can't be read or watched.
   */
  constructor(scandir: string) {
    this.#scandir = scandir;
    this.#live = new LiveServices(scandir, (names) => {
      for (const name of names) this.#note(name);
    }, SETTLE);
    for (const [name, live] of this.#live.services) {
      this.#take(name, live);
      this.#essences.set(name, essenceOf(live));
    }
  }

  /** The events that are still known. */
  get ring(): EventRing {
    return this.#ring;
  }

  /** Takes in how a service is. */
  #take(name: string, live: LiveService): void {
    if (isAsWanted(live)) this.#astray.delete(name);
    else this.#astray.add(name);
    this.#states.set(name, live.explanation.state);
    this.#looked.set(name, monotonicClock());
    this.#countStarts(name, live);
    this.#notePolling(name, live);
  }

  /** Notes how the checks of a service went; of one that is ready its facts tell nothing of them. */
  #notePolling(name: string, { facts: { polling, status }, service: { dir } }: LiveService): void {
    if (status === undefined || !isUp(status)) return;
    const before = this.#polling.get(name);
    if (before?.pid === status.pid && before.state === "ready") return;
    const now = polling ?? readPollingStatus(CWD, status.pid, dir);
    if (now === undefined) this.#polling.delete(name);
    else this.#polling.set(name, now);
  }

  /** Notes how often a service was started: its supervisor counts that; under s6, this process. */
  #countStarts(name: string, live: LiveService): void {
    const { facts: { starts, status, supervision }, service: { dir } } = live;
    if (status === undefined) return;
    const before = this.#starts.get(name);
    const pid = isUp(status) ? status.pid : 0;
    if (before?.stamp === status.stamp && before.pid === pid) return;
    const counted = supervision.is === "sv" ? starts ?? startsOf(dir) : undefined;
    const isAgain = before !== undefined && pid !== 0 && pid !== before.pid;
    const restarts = counted === undefined
      ? (before?.restarts ?? 0) + Number(isAgain)
      : Math.max(counted - 1, 0);
    this.#starts.set(name, { stamp: status.stamp, pid, restarts });
  }

  /** Takes in news of a service, and tells the readers where it is not as it was. */
  #note(name: string): void {
    const live = this.#live.services.get(name);
    const before = this.#states.get(name) ?? null;
    if (live === undefined) {
      for (
        const known of [this.#states, this.#starts, this.#polling, this.#looked, this.#essences]
      ) {
        known.delete(name);
      }
      this.#astray.delete(name);
    } else {
      if (live.facts.isGone && !this.#gone.has(name)) {
        // One that is on its way down may be gone.
        if (live.facts.status?.wantUp) this.#astray.add(name);
        return this.#lookAtGone(name);
      }
      this.#take(name, live);
      const essence = essenceOf(live);
      if (essence === this.#essences.get(name)) return;
      this.#essences.set(name, essence);
    }
    const event = this.#ring.add(JSON.stringify({
      version: JSON_VERSION,
      time: new Date().toISOString(),
      name: name.toWellFormed(),
      before,
      service: live === undefined ? null : serviceJson(live),
    }));
    for (const tell of [...this.#readers]) tell(event);
  }

  /** Looks again at a service whose process has just gone: its supervisor is about to tell how it ended. */
  #lookAtGone(name: string): void {
    this.#gone.set(
      name,
      reactor().after(GONE_FOR, () => {
        this.#live.refresh(name);
        this.#note(name);
        this.#gone.delete(name);
      }),
    );
  }

  /** Calls back with each event, until it is disposed of. */
  follow(tell: (event: RingEvent) => void): Disposable {
    this.#readers.add(tell);
    return { [Symbol.dispose]: () => void this.#readers.delete(tell) };
  }

  /** The names of the services, in order. */
  get names(): string[] {
    return [...this.#live.services.keys()].sort();
  }

  /** Whether all services are as they are wanted. */
  get isAsWanted(): boolean {
    return this.#astray.size === 0 && (this.#live.services.size > 0 || exists(CWD, this.#scandir));
  }

  /** The services that are not as they are wanted, the most urgent first. */
  astray(): LiveService[] {
    const urgency = ({ explanation: { state } }: LiveService) => STATES[state].urgency;
    return [...this.#astray].map((name) => this.#live.services.get(name)!).sort((a, b) =>
      urgency(b) - urgency(a) || (a.service.name < b.service.name ? -1 : 1)
    );
  }

  /** Returns how a service is, as it was when something happened to it last; undefined where there is none. */
  get(name: string): LiveService | undefined {
    return this.#live.services.get(name);
  }

  /**
   * Returns how a service is now. Where all is well, only time has passed since the last news of it; else it is
   * read again, as what it waits for may tell nothing.
   */
  current(name: string): LiveService | undefined {
    const live = this.get(name);
    if (live === undefined) return undefined;
    const { tone } = STATES[live.explanation.state];
    if (tone === "good" || tone === "off") {
      const facts = { ...live.facts, now: wallClock() };
      return { ...live, facts, explanation: explain(facts) };
    }
    if (monotonicClock() - this.#looked.get(name)! > VALID_FOR) {
      this.#live.refresh(name);
      this.#note(name);
    }
    return this.get(name);
  }

  /** Returns how often a service was started again. */
  restartsOf(name: string): number {
    return this.#starts.get(name)?.restarts ?? 0;
  }

  /** Returns how the checks of the process that a service has now, or had last, went; undefined: there were none. */
  pollingOf(name: string): PollingStatus | undefined {
    return this.#polling.get(name);
  }

  [Symbol.dispose](): void {
    this.#readers.clear();
    for (const timer of this.#gone.values()) timer[Symbol.dispose]();
    this.#live[Symbol.dispose]();
  }
}
