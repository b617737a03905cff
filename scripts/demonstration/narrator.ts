import { readStatus, subscribe } from "../../mod.ts";

const MEANING: Readonly<Record<string, string>> = {
  s: "the supervisor has started",
  u: "up",
  U: "ready",
  d: "run has died",
  D: "down for good",
  O: "permanent failure",
  x: "the supervisor exits",
};

const WIDTH = 8;

/** A service whose events are printed. */
export interface Followed {
  /** Kept when its supervisor has started. */
  readonly started: Promise<void>;
  /** Kept when its supervisor has exited. */
  readonly ended: Promise<void>;
}

/** Prints what happens, with the seconds since the beginning. */
export class Narrator {
  readonly #start = performance.now();

  /** Prints a line. */
  say(who: string, what: string): void {
    const seconds = ((performance.now() - this.#start) / 1000).toFixed(3).padStart(7);
    console.log(`${seconds}  ${who.padEnd(WIDTH)} ${what}`);
  }

  /** Prints the events of a service as they come, until its supervisor has exited. */
  follow(service: string, dir: string, signal: AbortSignal): Followed {
    const started = Promise.withResolvers<void>();
    const events = subscribe(`${dir}/event`, { signal });
    const tell = async () => {
      for await (const event of events) {
        this.say(service, `event ${event}  ${MEANING[event] ?? "?"}${this.#detail(event, dir)}`);
        if (event === "s") started.resolve();
        if (event === "x") return;
      }
    };
    return { started: started.promise, ended: tell() };
  }

  #detail(event: string, dir: string): string {
    if (event !== "U") return "";
    const { readyStamp, stamp } = readStatus(dir);
    return `: ${Number((readyStamp - stamp) / 1_000_000n)} ms after it was started`;
  }
}
