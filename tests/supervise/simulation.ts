import { assert, assertEquals } from "@std/assert";
import { exited, signaled, type WaitStatus } from "../../lib/os/wait_status.ts";
import {
  type Effect,
  initialState,
  type Input,
  type MachineState,
  type Phase,
  step,
  type SupervisorSignal,
  type TimerName,
} from "../../lib/supervise/machine.ts";
import { ControlCommand } from "../../lib/servicedir/protocol.ts";
import type { Random } from "../support/random.ts";

/** All events that one supervisor may send, in the order in which it may send them. */
const EVENTS = /^s(uU?dO?D)*(uU?(dO?)?)?x?$/;

const COMMANDS = Object.values(ControlCommand);

const DELAYS: Readonly<Record<Exclude<TimerName, "restart">, number>> = {
  retry: 60_000,
  kill: 3000,
  killAgain: 5000,
  finish: 5000,
};

interface Process {
  readonly pid: number;
  readonly program: "run" | "finish";
}

/**
 * A supervisor with a simulated clock and simulated processes: it carries out the machine's effects,
 * and checks after each step what must always be true.
 */
export class Simulation {
  /** How many inputs came in each phase. */
  readonly visits: Record<Phase, number> = { down: 0, up: 0, finish: 0, lastUp: 0, lastFinish: 0 };
  /** How often each event was sent. */
  readonly counts: Record<string, number> = {};
  readonly #random: Random;
  #state!: MachineState;
  #now = 0;
  #nextPid = 100;
  #process: Process | undefined;
  #pipeOpen = false;
  #timer: { readonly until: TimerName; readonly due: number } | undefined;
  #events = "";
  #exited = false;
  /** Whether it was told to exit: no start may follow. */
  #leaving = false;
  #wantUp = false;
  #downFile = false;
  #stamps = new Set<string>();
  #lastDeath: WaitStatus = 0;
  #lastRun = 0;
  #readyAt: number | undefined;
  #downAt: number | undefined;
  #lastAttempt: number | undefined;
  #lastFailure: number | undefined;
  #failedForGood = false;
  #input: Input | undefined;

  constructor(random: Random) {
    this.#random = random;
    this.#newSupervisor();
  }

  #newSupervisor(): void {
    this.#wantUp = !this.#downFile;
    this.#state = { ...initialState(this.#wantUp), paused: false };
    this.#process = undefined;
    this.#pipeOpen = false;
    this.#timer = { until: "restart", due: this.#now };
    this.#events = "s";
    this.#counted("s");
    this.#exited = false;
    this.#leaving = false;
    this.#readyAt = undefined;
    this.#downAt = undefined;
    this.#lastAttempt = undefined;
    this.#lastFailure = undefined;
    this.#failedForGood = false;
  }

  /** Feeds a random input, which may lead to others. */
  advance(): void {
    if (this.#exited) this.#newSupervisor();
    this.#feed(this.#randomInput());
  }

  #randomInput(): Input {
    for (;;) {
      const roll = this.#random.next();
      if (roll < 0.25 && this.#timer !== undefined) {
        this.#now = Math.max(this.#now, this.#timer.due);
        this.#timer = undefined;
        return { name: "timer" };
      }
      if (roll < 0.4 && this.#process !== undefined) return this.#death();
      if (roll < 0.5 && this.#pipeOpen) {
        return this.#random.chance(0.8) ? { name: "newline" } : { name: "closed" };
      }
      if (roll < 0.97) {
        this.#now += this.#random.below(700);
        // An event loop may be late: a command may come before a timer that is overdue.
        const name = this.#random.pick(COMMANDS);
        if (name !== "x" || this.#random.chance(0.2)) return { name };
        continue;
      }
      if (this.#random.chance(0.5)) {
        return { name: this.#random.pick<SupervisorSignal>(["TERM", "HUP", "QUIT", "INT"]) };
      }
    }
  }

  #death(): Input {
    const status = this.#random.pick([
      exited(0),
      exited(1),
      exited(125),
      signaled(9),
      signaled(15),
    ]);
    if (this.#process!.program === "run") {
      this.#lastDeath = status;
      this.#lastRun = this.#process!.pid;
    }
    this.#process = undefined;
    return { name: "death", status };
  }

  /** What each input means for up and down, written down a second time. */
  #follow(input: Input): void {
    const { phase } = this.#state;
    const name = String(input.name);
    if ("uU".includes(name)) this.#wantUp = true;
    if ("odDOQ".includes(name)) this.#wantUp = false;
    if (name === "TERM" && (phase === "up" || phase === "lastUp")) this.#wantUp = false;
    const finished = phase === "finish" || phase === "lastFinish";
    if (input.name === "death" && finished && input.status === exited(125)) this.#wantUp = false;
    if (name === "U") this.#downFile = false;
    if (name === "D" || name === "Q") this.#downFile = true;
    if (["x", "HUP", "TERM"].includes(name)) this.#leaving = true;
    if (["u", "U", "o"].includes(name) && phase === "down") this.#failedForGood = false;
  }

  #feed(input: Input): void {
    this.visits[this.#state.phase]++;
    this.#follow(input);
    this.#input = input;
    const downFile = this.#downFile;
    const [state, effects] = step(this.#state, input);
    this.#state = state;
    for (const effect of effects) {
      assert(!this.#exited, "nothing is done after the exit");
      this.#perform(effect);
    }
    if (!this.#exited) this.#check();
    assertEquals(this.#downFile, downFile, "the file `down` is as the last of D, Q, U demands");
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case "start":
        return this.#start();
      case "finish":
        return this.#finish(effect.pid, effect.status);
      case "stamp":
        this.#stamps.add(effect.which);
        if (effect.which === "ready") {
          if (this.#state.phase === "down") this.#downAt = this.#now;
          else this.#readyAt = this.#now;
        }
        return;
      case "announce":
        return this.#announce(effect.events);
      case "tally":
        return assertEquals(effect.status, this.#lastDeath);
      case "signal":
      case "killOverdue":
      case "abortSilent":
      case "extendKill":
        assert(effect.pid > 0, "no signal to process 0");
        return assertEquals(effect.pid, this.#process?.pid, "signals go to a living process");
      case "arm":
        this.#timer = { until: effect.timer, due: this.#due(effect.timer) };
        return;
      case "disarm":
        this.#timer = undefined;
        return;
      case "markDown":
        this.#downFile = true;
        return;
      case "unmarkDown":
        this.#downFile = false;
        return;
      case "closeNotification":
        this.#pipeOpen = false;
        return;
      case "detach":
        return assert(this.#leaving, "stdin and stdout lead to /dev/null only when told to exit");
      case "warn":
        return;
      case "exit":
        this.#exited = true;
        this.#send("x");
    }
  }

  #due(until: TimerName): number {
    if (until !== "restart") return this.#now + DELAYS[until];
    return Math.max(this.#now, (this.#state.wasReady ? this.#readyAt! : this.#now) + 1000);
  }

  #start(): void {
    assertEquals(this.#process, undefined, "one process at a time");
    assertEquals(this.#timer, undefined, "no timer of the last life rings in the next one");
    assertEquals(this.#pipeOpen, false, "the last notification pipe is closed");
    assert(!this.#leaving, "no start after x, HUP or TERM");
    if (this.#input!.name === "timer") this.#checkRestart();
    this.#lastAttempt = this.#now;
    if (this.#random.chance(0.1)) {
      this.#failedForGood = this.#random.chance(0.2);
      this.#lastFailure = this.#now;
      return this.#feed({ name: "startFailed", final: this.#failedForGood });
    }
    this.#lastFailure = undefined;
    this.#failedForGood = false;
    this.#readyAt = undefined;
    this.#process = { pid: this.#nextPid++, program: "run" };
    this.#pipeOpen = this.#random.chance(0.8);
    this.#feed({ name: "started", pid: this.#process.pid });
  }

  /** Checks that nothing is started sooner than the rules allow without a command. */
  #checkRestart(): void {
    assert(this.#wantUp, "only a service that is wanted is started again");
    const since = (time: number | undefined) => time === undefined ? Infinity : this.#now - time;
    assert(since(this.#lastAttempt) >= 1000, "two starts are a second apart");
    assert(since(this.#lastFailure) >= 60_000, "a start that failed is tried again after 60 s");
    if (this.#readyAt === undefined) {
      assert(since(this.#downAt) >= 1000, "a second between a death and the next start");
    } else {
      assert(since(this.#readyAt) >= 1000, "at once only if it was ready for a second");
    }
  }

  #finish(pid: number, status: WaitStatus): void {
    assertEquals(this.#process, undefined, "finish runs when run is dead");
    assertEquals(this.#timer, undefined, "no timer of run rings while finish runs");
    assertEquals(pid, this.#lastRun);
    assertEquals(status, this.#lastDeath);
    if (this.#random.chance(0.3)) return this.#feed({ name: "finishAbsent" });
    this.#process = { pid: this.#nextPid++, program: "finish" };
    this.#feed({ name: "finishStarted", pid: this.#process.pid });
  }

  /** Checks the moment when the status file is written and the events are not sent yet. */
  #announce(events: string): void {
    const { phase, pid, ready } = this.#state;
    const finishing = phase === "finish" || phase === "lastFinish";
    assertEquals(pid, this.#process?.pid ?? 0, "the status tells the living process");
    assertEquals(this.#state.wantUp, this.#wantUp, "wantUp is as the last command demands");
    if (events.startsWith("d")) assertEquals(this.#state.waitStatus, this.#lastDeath);
    for (const event of events) this.#checkEvent(event, { pid, ready, finishing });
    if (events !== "") this.#stamps.clear();
    for (const event of events) this.#send(event);
  }

  #checkEvent(
    event: string,
    { pid, ready, finishing }: { pid: number; ready: boolean; finishing: boolean },
  ): void {
    const stamped = (which: string) => assert(this.#stamps.has(which), `${event}: no new stamp`);
    switch (event) {
      case "u":
        assert(pid > 0 && !ready && !finishing, "u: up and not ready");
        return stamped("change");
      case "U":
        assert(pid > 0 && ready && !finishing, "U: up and ready");
        return stamped("ready");
      case "d":
        assert(finishing ? pid > 0 && !ready : pid === 0 && ready, "d: finishing, or down");
        return stamped("change");
      case "D":
        assert(pid === 0 && ready && !finishing, "D: down for good");
        return stamped("ready");
      case "O":
        assert(!this.#wantUp, "O: not wanted any more");
    }
  }

  #send(event: string): void {
    this.#events += event;
    assert(EVENTS.test(this.#events), `no such order of events: …${this.#events.slice(-12)}`);
    this.#counted(event);
    // Keeps the text short: what came before has been checked.
    if (this.#events.endsWith("D")) this.#events = "s";
  }

  #counted(event: string): void {
    this.counts[event] = (this.counts[event] ?? 0) + 1;
  }

  #check(): void {
    const { phase, ready, pid, wantUp } = this.#state;
    assertEquals(pid, this.#process?.pid ?? 0);
    assertEquals(phase === "up" || phase === "lastUp", this.#process?.program === "run");
    assertEquals(phase === "finish" || phase === "lastFinish", this.#process?.program === "finish");
    if (phase === "finish" || phase === "lastFinish") {
      assert(!ready, "not ready while finish runs");
      assert(this.#timer !== undefined, "finish does not run for ever");
    }
    if (phase === "up" || phase === "lastUp") {
      assertEquals(ready, this.#events.endsWith("U"), "ready exactly after U");
    } else {
      assert(!this.#pipeOpen, "no notification pipe without run");
    }
    if (phase === "down" && wantUp && !this.#failedForGood) {
      assert(this.#timer !== undefined, "a service that is wanted is not forgotten");
    }
    if (this.#leaving) {
      assert(phase === "lastUp" || phase === "lastFinish", "on the way out");
    }
  }
}
