/**
 * The state machine of a supervised service: a pure function from a state and an input to the next
 * state and a list of effects. It has no clock, does no I/O and waits for nothing; `Service` feeds it
 * what has happened and carries the effects out, in their order.
 *
 * ## The life of a service
 *
 * A service is in one of five phases:
 *
 *     down        no process. A supervisor starts here.
 *     up          `run` is running.
 *     finish      `run` has died and `finish` is running.
 *     lastUp      as up, and the supervisor exits at the end of this life.
 *     lastFinish  as finish, and the supervisor exits at the end of this life.
 *
 *     down ── started ──> up ── death, finishStarted ──> finish ── death ──> down
 *                          └─── death, finishAbsent ──────────────────────> down
 *
 * A life is one turn of this circle. TERM, HUP and the command `exit` lead from up to lastUp and from
 * finish to lastFinish; there is no way back. In the phase down they exit at once.
 *
 * The state has three flags, which are written to the status file as well:
 *
 * - `wantUp`: whether the service shall be up; it may not be so yet. While down: the service is started
 *   when the timer rings. While it is up or finishing: it is started again after it has come down.
 *   Commands change it in every phase. In the last phases it has no effect.
 * - `ready`: while up, the daemon has written its newline (or was declared ready by the command
 *   `ready`). While down, the service is down for good: no `finish` is running. While finishing:
 *   always false.
 * - `paused`: while up, a command sent SIGSTOP and none SIGCONT since. While down it is false, except
 *   in the very first status of a supervisor: together with process id 0 it says "not started yet".
 *
 * `wasReady` remembers `ready` of the life that has just ended: how soon the service is started again
 * depends on it.
 *
 * ## Inputs
 *
 * - `started`, `startFailed`: the outcome of the effect `start`. The machine stays in the phase down
 *   until it is known. To the machine a start takes no time: the service holds back all other inputs
 *   until then.
 * - `newline`, `closed`: from the notification pipe. The first newline makes the service ready and
 *   closes the pipe; a pipe that ends without one leaves it up and not ready.
 * - `death`: of `run` or of `finish`, whichever runs. The death of `run` closes the notification pipe
 *   and starts `finish`.
 * - `finishStarted`, `finishAbsent`: the outcome of the effect `finish`. Without a `finish` the
 *   service is down at once. A `finish` that exits 125 means a permanent failure: it is not wanted up
 *   any more.
 * - `timer`: see below.
 * - TERM, HUP, QUIT, INT: signals to the supervisor. TERM brings the service down and exits, HUP exits
 *   after the service has come down by itself, QUIT exits at once and leaves it running, INT
 *   interrupts its process group and exits.
 * - Each command of the control FIFO (`ControlCommand`).
 *
 * What comes at the same instant is fed in this order: newlines before deaths, deaths before commands.
 * A daemon that writes its newline and dies at once was ready; a command that meets a death finds the
 * service dead.
 *
 * ## The timer
 *
 * There is one timer, armed for one thing at a time. It belongs to the phase in which it was armed, and
 * is disarmed before a program of the next phase is started: that may take longer than the timer. What
 * it means depends on the phase:
 *
 * - down: the service may be started (again), if it is wanted up: `restart`, a second after it became
 *   ready or else a second from now; `retry`, 60 s after a start that failed.
 * - up, lastUp: the daemon is being brought down: `kill`, when `timeout-kill` is over and it is killed;
 *   `killAgain`, every 5 s after a kill, and 5 s after a silent daemon was aborted. No timer is armed
 *   while a service is up and left alone.
 * - finish, lastFinish: `finish`, when `timeout-finish` is over and `finish` is killed; `killAgain`.
 *
 * ## The table
 *
 * All of the behaviour is {@linkcode transitions}: a row for each input, a column for each phase, a
 * named action in each cell. `docs/state-machine.md` is generated from it.
 *
 * @module
 */

import { Signal } from "../os/signal.ts";
import { exitCode, type WaitStatus } from "../os/wait_status.ts";
import {
  byteOf,
  ControlCommand as Command,
  PERMANENT_FAILURE,
  ServiceEvent,
} from "../servicedir/protocol.ts";
import {
  type SentSignal,
  SIGNAL_COMMANDS,
  type SignalCommand,
} from "../servicedir/signal_commands.ts";

/** All phases, in the order of the table's columns. */
export const PHASES = ["down", "up", "finish", "lastUp", "lastFinish"] as const;

/** Where a service is in its life. */
export type Phase = typeof PHASES[number];

/** Returns whether `run` is running. */
export function isRunning(phase: Phase): boolean {
  return phase === "up" || phase === "lastUp";
}

/** Returns whether `finish` is running. */
export function isFinishing(phase: Phase): boolean {
  return phase === "finish" || phase === "lastFinish";
}

/** What the machine remembers. */
export interface MachineState {
  /** Where the service is in its life. */
  readonly phase: Phase;
  /** Whether the service shall be up: whether the supervisor starts it once it is down. */
  readonly wantUp: boolean;
  /** While up: it is ready. While down: it is down for good. */
  readonly ready: boolean;
  /** Whether a command sent it SIGSTOP, and none SIGCONT since. */
  readonly paused: boolean;
  /** Process id of `run` or `finish`, 0 when down. */
  readonly pid: number;
  /** How `run` ended last. */
  readonly waitStatus: WaitStatus;
  /** Whether it was ready in this life, or in the last one if it is down. */
  readonly wasReady: boolean;
}

/** A signal to the supervisor. */
export type SupervisorSignal = "TERM" | "HUP" | "QUIT" | "INT";

/** The name of an input: a row of the table. */
export type InputName =
  | "timer"
  | "death"
  | "newline"
  | "closed"
  | "started"
  | "startFailed"
  | "finishStarted"
  | "finishAbsent"
  | SupervisorSignal
  | Command;

/** An input: what has happened. */
export type Input =
  | { readonly name: "death"; readonly status: WaitStatus }
  | { readonly name: "started" | "finishStarted"; readonly pid: number }
  | { readonly name: "startFailed"; readonly final: boolean }
  | {
    readonly name: Exclude<InputName, "death" | "started" | "finishStarted" | "startFailed">;
    /** Of a command: the process that it is about. It is fed only while that is the service's. */
    readonly about?: number;
  };

/** What the timer of a service is armed for. */
export type TimerName =
  /** The service may be started again: a second after it became ready, else a second from now. */
  | "restart"
  /** 60 s after a start that failed. */
  | "retry"
  /** `timeout-kill` is over: the service is killed. */
  | "kill"
  /** 5 s after a kill. */
  | "killAgain"
  /** `timeout-finish` is over: `finish` is killed. */
  | "finish";

/** What the service does for the machine. */
export type Effect =
  /** Start `run`; `started` or `startFailed` is fed back. */
  | { readonly do: "start" }
  /** Start `finish`; `finishStarted` or `finishAbsent` is fed back. */
  | { readonly do: "finish"; readonly pid: number; readonly status: WaitStatus }
  /** Note the time: `change` of going up or down, `ready` of becoming ready or down for good. */
  | { readonly do: "stamp"; readonly which: "change" | "ready" }
  /** Write the status file, then send the events. Never the other way round. */
  | { readonly do: "announce"; readonly events: string }
  /** Add the death to the death tally. */
  | { readonly do: "tally"; readonly status: WaitStatus }
  /** Send a signal to the service, or to its process group. */
  | { readonly do: "signal"; readonly pid: number } & SentSignal
  /** Kill a service that did not come down in time; its whole group where the directory says so. */
  | { readonly do: "killOverdue"; readonly pid: number }
  /** Abort a silent daemon, unless it is being killed already. */
  | { readonly do: "abortSilent"; readonly pid: number }
  /** Postpone the kill of a daemon that is coming down to when it has asked for. */
  | { readonly do: "extendKill"; readonly pid: number }
  /** Arm the timer, in place of one that is armed. */
  | { readonly do: "arm"; readonly timer: TimerName }
  /** Disarm the timer. */
  | { readonly do: "disarm" }
  /** Create the file `down`, or remove it. */
  | { readonly do: "markDown" | "unmarkDown" }
  /** Close the notification pipe. */
  | { readonly do: "closeNotification" }
  /** Point the supervisor's stdin and stdout at /dev/null. */
  | { readonly do: "detach" }
  /** Report a warning to the administrator. */
  | { readonly do: "warn"; readonly text: string }
  /** End the supervision. */
  | { readonly do: "exit" };

/** The result of an input: the next state, and the effects in their order. */
export type Step = readonly [MachineState, readonly Effect[]];

type Action = (state: MachineState, input: Input) => Step;

const announce = (events = ""): Effect => ({ do: "announce", events });

function signal(state: MachineState, signal: SentSignal["signal"], group = false): Effect {
  return { do: "signal", signal, pid: state.pid, group };
}

// The actions: each is the content of one or more cells of the table.

const nothing: Action = (state) => [state, []];

const exit: Action = (state) => [state, [{ do: "exit" }]];

const interruptAndExit: Action = (state) => [
  state,
  [signal(state, Signal.INT, true), { do: "exit" }],
];

const send: Action = (state, { name }) => {
  const { signal: sent, group } = SIGNAL_COMMANDS[name as SignalCommand];
  const effect = signal(state, sent, group);
  if (sent === Signal.STOP || sent === Signal.CONT) {
    return [{ ...state, paused: sent === Signal.STOP }, [effect, announce()]];
  }
  return [state, [effect]];
};

const wantDown: Action = (state) => [{ ...state, wantUp: false }, [announce()]];

const wantUp: Action = (state) => [{ ...state, wantUp: true }, [announce()]];

const wantDownForever: Action = (state) => [
  { ...state, wantUp: false },
  [{ do: "markDown" }, announce()],
];

const wantUpForever: Action = (state) => [
  { ...state, wantUp: true },
  [{ do: "unmarkDown" }, announce()],
];

function then(first: Action, ...more: Effect[]): Action {
  return (state, input) => {
    const [next, effects] = first(state, input);
    return [next, [...effects, ...more]];
  };
}

// The timer of the last life must not ring in the next one: a start may take some time.
const startNow: readonly Effect[] = [{ do: "disarm" }, { do: "start" }];
const startOnce = then(wantDown, ...startNow);
const start = then(wantUp, ...startNow);
const startForever = then(wantUpForever, ...startNow);

const startIfWanted: Action = (state) => [
  state,
  [state.wantUp ? { do: "start" } : { do: "disarm" }],
];

const goUp: Action = (state, input) => {
  if (input.name !== "started") return [state, []];
  return [
    { ...state, phase: "up", pid: input.pid, ready: false, paused: false, wasReady: false },
    [{ do: "disarm" }, { do: "stamp", which: "change" }, announce(ServiceEvent.up)],
  ];
};

const stayDown: Action = (state, input) => [
  state,
  [
    input.name === "startFailed" && input.final ? { do: "disarm" } : { do: "arm", timer: "retry" },
  ],
];

const becomeReady: Action = (state, { name }) => {
  const close: Effect[] = name === "newline" ? [{ do: "closeNotification" }] : [];
  if (state.ready) return [state, close];
  return [
    { ...state, ready: true, wasReady: true },
    [{ do: "stamp", which: "ready" }, announce(ServiceEvent.ready), ...close],
  ];
};

const closeNotification: Action = (state) => [state, [{ do: "closeNotification" }]];

const bringDown: Action = (state) => [
  { ...state, wantUp: false, paused: false },
  [signal(state, "down"), signal(state, Signal.CONT), announce(), { do: "arm", timer: "kill" }],
];

const bringDownForever: Action = (state, input) => {
  const [next, effects] = bringDown(state, input);
  return [next, [{ do: "markDown" }, ...effects]];
};

const finishUp: Action = (state) => [
  { ...state, phase: "lastUp" },
  [{ do: "detach" }],
];

const bringDownLast: Action = (state, input) => bringDown({ ...state, phase: "lastUp" }, input);

const finishLast: Action = (state) => [
  { ...state, phase: "lastFinish" },
  [{ do: "detach" }],
];

const detach: Action = (state) => [state, [{ do: "detach" }]];

const killOverdue: Action = (state) => [
  { ...state, paused: false },
  [{ do: "killOverdue", pid: state.pid }, announce(), { do: "arm", timer: "killAgain" }],
];

const killFinish: Action = (state) => [
  { ...state, paused: false },
  [
    { do: "warn", text: "finish has run for longer than timeout-finish: killing it" },
    signal(state, Signal.CONT),
    signal(state, Signal.KILL),
    announce(),
    { do: "arm", timer: "killAgain" },
  ],
];

/** Leaves a daemon alone that is being brought down or is stopped: it can't give a sign of life. */
const abortSilent: Action = (state) => [
  state,
  state.wantUp && !state.paused ? [{ do: "abortSilent", pid: state.pid }] : [],
];

const extendKill: Action = (state) => [
  state,
  state.wantUp ? [] : [{ do: "extendKill", pid: state.pid }],
];

const runDied: Action = (state, input) => {
  if (input.name !== "death") return [state, []];
  const { status } = input;
  return [
    { ...state, waitStatus: status, ready: false, paused: false },
    [
      { do: "disarm" },
      { do: "stamp", which: "change" },
      { do: "closeNotification" },
      { do: "tally", status },
      { do: "finish", pid: state.pid, status },
    ],
  ];
};

const finishRuns: Action = (state, input) => [
  {
    ...state,
    phase: state.phase === "lastUp" ? "lastFinish" : "finish",
    pid: input.name === "finishStarted" ? input.pid : 0,
  },
  [announce(ServiceEvent.down), { do: "arm", timer: "finish" }],
];

function downForGood(state: MachineState, events: string): Step {
  const last = state.phase === "lastUp" || state.phase === "lastFinish";
  return [
    { ...state, phase: "down", pid: 0, ready: true },
    [
      { do: "stamp", which: "ready" },
      announce(events),
      state.wantUp && !last ? { do: "arm", timer: "restart" } : { do: "disarm" },
      ...last ? [{ do: "exit" } as const] : [],
    ],
  ];
}

const noFinish: Action = (state) => downForGood(state, ServiceEvent.down + ServiceEvent.finished);

const finishDied: Action = (state, input) => {
  const failed = input.name === "death" && exitCode(input.status) === PERMANENT_FAILURE;
  return failed
    ? downForGood({ ...state, wantUp: false }, ServiceEvent.failed + ServiceEvent.finished)
    : downForGood(state, ServiceEvent.finished);
};

function row(
  down: Action,
  up: Action,
  finish: Action,
  lastUp: Action,
  lastFinish: Action,
): Readonly<Record<Phase, Action>> {
  return { down, up, finish, lastUp, lastFinish };
}

/** Signals reach the service only while `run` is running. */
const sending = row(nothing, send, nothing, send, nothing);

/** The table: the action for each input in each phase. A missing cell does not compile. */
// deno-fmt-ignore
export const transitions: Readonly<Record<InputName, Readonly<Record<Phase, Action>>>> = {
  //                               down             up                finish           lastUp            lastFinish
  timer:                       row(startIfWanted,   killOverdue,      killFinish,      killOverdue,      killFinish),
  death:                       row(nothing,         runDied,          finishDied,      runDied,          finishDied),
  newline:                     row(nothing,         becomeReady,      nothing,         becomeReady,      nothing),
  closed:                      row(nothing,         closeNotification, nothing,        closeNotification, nothing),
  started:                     row(goUp,            nothing,          nothing,         nothing,          nothing),
  startFailed:                 row(stayDown,        nothing,          nothing,         nothing,          nothing),
  finishStarted:               row(nothing,         finishRuns,       nothing,         finishRuns,       nothing),
  finishAbsent:                row(nothing,         noFinish,         nothing,         noFinish,         nothing),
  TERM:                        row(exit,            bringDownLast,    finishLast,      bringDown,        nothing),
  HUP:                         row(exit,            finishUp,         finishLast,      detach,           detach),
  QUIT:                        row(exit,            exit,             exit,            exit,             exit),
  INT:                         row(exit,            interruptAndExit, interruptAndExit, interruptAndExit, interruptAndExit),
  [Command.alarm]: sending, [Command.abort]: sending, [Command.quit]: sending,
  [Command.hangUp]: sending, [Command.kill]: sending, [Command.terminate]: sending,
  [Command.interrupt]: sending, [Command.user1]: sending, [Command.user2]: sending,
  [Command.pause]: sending, [Command.continue]: sending, [Command.windowChanged]: sending,
  [Command.restart]: sending, [Command.reload]: sending, [Command.pauseGroup]: sending,
  [Command.continueGroup]: sending, [Command.killGroup]: sending,
  [Command.once]:              row(startOnce,       wantDown,         wantDown,        wantDown,         wantDown),
  [Command.down]:              row(wantDown,        bringDown,        wantDown,        bringDown,        wantDown),
  [Command.up]:                row(start,           wantUp,           wantUp,          wantUp,           wantUp),
  [Command.downForever]:       row(wantDownForever, bringDownForever, wantDownForever, bringDownForever, wantDownForever),
  [Command.upForever]:         row(startForever,    wantUpForever,    wantUpForever,   wantUpForever,    wantUpForever),
  [Command.exit]:              row(exit,            finishUp,         finishLast,      detach,           detach),
  [Command.atMostOnce]:        row(wantDown,        wantDown,         wantDown,        wantDown,         wantDown),
  [Command.atMostOnceForever]: row(wantDownForever, wantDownForever,  wantDownForever, wantDownForever,  wantDownForever),
  [Command.ready]:             row(nothing,         becomeReady,      nothing,         becomeReady,      nothing),
  [Command.silent]:            row(nothing,         abortSilent,      nothing,         abortSilent,      nothing),
  [Command.extend]:            row(nothing,         extendKill,       nothing,         extendKill,       nothing),
};

/** Returns the state of a service that its supervisor has not started yet. */
export function initialState(wantUp: boolean): MachineState {
  return {
    phase: "down",
    wantUp,
    ready: true,
    // With pid 0 this says "not started yet".
    paused: true,
    pid: 0,
    waitStatus: 0,
    wasReady: false,
  };
}

/** Returns the next state and the effects of an input. */
export function step(state: MachineState, input: Input): Step {
  return transitions[input.name][state.phase](state, input);
}

/** The input for each command byte; inputs are never changed, so each is made only once. */
const commandInputs = new Map(
  Object.values(Command).map((name) => [byteOf(name), { name }] as const),
);

/**
 * Returns the input that a byte on the control FIFO stands for; undefined where it has no meaning.
 *
 * @param byte The byte.
 * @param about The process that the command is about, where it is about one.
 */
export function commandInput(byte: number, about?: number): Input | undefined {
  const input = commandInputs.get(byte);
  return input === undefined || about === undefined ? input : { ...input, about };
}
