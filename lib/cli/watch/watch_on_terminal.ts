import { reactor } from "../../os/reactor.ts";
import type { Explanation } from "../../explain/explanation.ts";
import { STATES } from "../../explain/states.ts";
import { carryOutVerb } from "../by_name/carry_out_verb.ts";
import { VERBS } from "../by_name/verbs.ts";
import { print } from "../output.ts";
import { reportOn } from "../status/report.ts";
import type { NamedService } from "../status/service_names.ts";
import { terminal } from "../terminal.ts";
import { keysIn } from "./keys.ts";
import { LiveServices } from "./live_services.ts";
import { changesOnScreen, drawScreen, outputLinesOf, pageOf, type ScreenSize } from "./screen.ts";
import { FIRST_VIEW, pressed, shownServices, type View, type Wish } from "./view.ts";

/** Another screen, from whose top left corner lines are drawn; without a cursor. */
const BEGIN = "\x1b[?1049h\x1b[?25l\x1b[2J";
const END = "\x1b[?25h\x1b[?1049l";

/** Milliseconds between two looks at services that are on the way: their reasons have durations. */
const TICK = 1000;

/** How many lines of output are shown of the service that was chosen. */
const OUTPUT_LINES = 8;

/** The live view, on a terminal. */
class TerminalView implements Disposable {
  readonly #what: string;
  readonly #live: LiveServices;
  #view: View = FIRST_VIEW;
  #lines: readonly string[] = [];
  #tick: Disposable | undefined;
  /** Services whose reasons did not change in the last second, and will not without news. */
  readonly #still = new Set<string>();

  constructor(which: readonly NamedService[] | string) {
    this.#what = typeof which === "string" ? which : "watched";
    this.#live = new LiveServices(which, (names) => {
      for (const name of names) this.#still.delete(name);
      this.draw();
    });
  }

  #size(): ScreenSize {
    const { colors } = terminal();
    const { columns, rows } = Deno.consoleSize();
    return { colors, width: columns || 80, height: rows || 24 };
  }

  /** Shows what has changed. */
  draw(): void {
    const all = [...this.#live.services.values()];
    const shown = shownServices(all, this.#view);
    const { details, output, selected } = this.#view;
    const chosen = details || output ? this.#live.services.get(selected ?? "")?.service : undefined;
    const size = this.#size();
    const count = output ? outputLinesOf(size) : OUTPUT_LINES;
    const report = chosen && reportOn([chosen], count)[0];
    const lines = drawScreen(all, shown, this.#view, size, this.#what, report);
    print(changesOnScreen(this.#lines, lines));
    this.#lines = lines;
    this.#tickIfNeeded(shown.slice(0, pageOf(size)).map(({ service }) => service.name));
  }

  /** Draws anew, also what the terminal has lost: its size has changed, say. */
  drawAll(): void {
    this.#lines = [];
    this.draw();
  }

  /** Looks again in a second, as long as there are reasons on the screen that change as time passes. */
  #tickIfNeeded(names: readonly string[]): void {
    const moving = names.filter((name) => this.#changesWithTime(name));
    // Nothing tells of a line that a service prints.
    if (moving.length === 0 && !this.#view.output) return;
    this.#tick ??= reactor().after(TICK, () => {
      this.#tick = undefined;
      for (const name of moving) {
        const before = this.#explanationOf(name);
        this.#live.refresh(name);
        const after = this.#explanationOf(name);
        if (before?.reason === after?.reason && before?.next === after?.next) this.#still.add(name);
      }
      this.draw();
    });
  }

  #changesWithTime(name: string): boolean {
    const { tone } = STATES[this.#explanationOf(name)!.state];
    return (tone === "busy" || tone === "bad") && !this.#still.has(name);
  }

  #explanationOf(name: string): Explanation | undefined {
    return this.#live.services.get(name)?.explanation;
  }

  /** Obeys keys. Returns false when the user has had enough. */
  async obey(text: string): Promise<boolean> {
    for (const key of keysIn(text)) {
      const shown = shownServices(this.#live.services.values(), this.#view);
      const names = shown.map(({ service }) => service.name);
      const { quit, view, wish } = pressed(this.#view, key, names, pageOf(this.#size()));
      if (quit) return false;
      this.#view = view;
      if (wish !== undefined) await this.#fulfil(wish);
    }
    this.draw();
    return true;
  }

  async #fulfil({ name, verb }: Wish): Promise<void> {
    const service = this.#live.services.get(name)?.service;
    if (service === undefined) return;
    const said: string[] = [];
    const options = { waits: false, deadline: 0, say: (line: string) => said.push(line) };
    await carryOutVerb(VERBS[verb]!, [service], options);
    if (said.length > 0) this.#view = { ...this.#view, message: said.join("; ") };
  }

  [Symbol.dispose](): void {
    this.#tick?.[Symbol.dispose]();
    this.#live[Symbol.dispose]();
  }
}

/** Shows services live on a terminal, until the user has had enough. */
export async function watchOnTerminal(which: readonly NamedService[] | string): Promise<void> {
  using resources = new DisposableStack();
  const view = resources.use(new TerminalView(which));
  const signals: readonly (readonly [Deno.Signal, () => void])[] = [
    ["SIGWINCH", () => view.drawAll()],
    // After a stop (^Z) the terminal has somebody else's text and mode.
    ["SIGCONT", () => {
      enter();
      view.drawAll();
    }],
    ["SIGINT", () => leave(0)],
    ["SIGTERM", () => leave(0)],
    ["SIGHUP", () => leave(0)],
  ];
  const enter = () => {
    Deno.stdin.setRaw(true, { cbreak: true });
    print(BEGIN);
  };
  const restore = () => {
    print(END);
    Deno.stdin.setRaw(false);
  };
  const leave = (code: number): never => {
    restore();
    Deno.exit(code);
  };
  for (const [name, listener] of signals) {
    Deno.addSignalListener(name, listener);
    resources.defer(() => Deno.removeSignalListener(name, listener));
  }
  enter();
  resources.defer(restore);
  view.drawAll();
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(256);
  for (;;) {
    const count = await Deno.stdin.read(buffer);
    if (count === null) return;
    if (!await view.obey(decoder.decode(buffer.subarray(0, count), { stream: true }))) return;
  }
}
