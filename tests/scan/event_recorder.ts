import { existsSync } from "@std/fs/exists";
import { until } from "../support/until.ts";

/** The name of its FIFO. */
const NAME = "ftrig1:@400000006000000000000000:soaker";

/** Listens to a fifodir with a FIFO and a process that share no code with what they test. */
export class EventRecorder {
  #events = "";
  readonly #child: Deno.ChildProcess;
  readonly #end: Promise<void>;

  private constructor(fifodir: string) {
    this.#child = new Deno.Command("sh", {
      args: [
        "-c",
        'mkfifo "$1/.new" && exec 3<>"$1/.new" && mv "$1/.new" "$1/$2" && exec cat <&3',
        "sh",
        fifodir,
        NAME,
      ],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    this.#end = this.#record();
  }

  /** Starts to listen, and waits until no event can be missed. */
  static async start(fifodir: string): Promise<EventRecorder> {
    const recorder = new EventRecorder(fifodir);
    await until(() => existsSync(`${fifodir}/${NAME}`), `a listener in ${fifodir}`);
    return recorder;
  }

  async #record(): Promise<void> {
    const decoder = new TextDecoder("latin1");
    for await (const chunk of this.#child.stdout) this.#events += decoder.decode(chunk);
  }

  /** The events so far. */
  get events(): string {
    return this.#events;
  }

  /** Ends the recording, and returns all events. */
  async stop(): Promise<string> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await this.#end;
    return this.#events;
  }
}

/** What may follow each event; the first may be any. */
const successors: Readonly<Record<string, string>> = {
  s: "ux",
  u: "Ud",
  U: "d",
  d: "DO",
  O: "D",
  D: "ux",
  x: "s",
};

/**
 * Returns what came before the first event that may not follow, and that event; undefined where all may.
 *
 * @param events The events.
 * @param withKills Whether supervisors were killed or told to end at once: then `s` and `x` may follow
 *   everything, and after `s` comes what may follow the state that was taken over.
 */
export function firstFault(events: string, withKills = false): string | undefined {
  for (let at = 1; at < events.length; at++) {
    const [former, event] = [events[at - 1]!, events[at]!];
    if (withKills && (former === "s" || "sx".includes(event))) continue;
    if (!successors[former]!.includes(event)) {
      return `${events.slice(Math.max(0, at - 10), at)} and then ${events[at]}`;
    }
  }
}
