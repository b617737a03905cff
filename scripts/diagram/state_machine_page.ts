import { exited } from "../../lib/os/wait_status.ts";
import {
  type Effect,
  type Input,
  type InputName,
  type MachineState,
  type Phase,
  PHASES,
  step,
  transitions,
} from "../../lib/supervise/machine.ts";

const SUCCESS = exited(0);
const PERMANENT_FAILURE = exited(125);

/** The rows of the page, in this order. */
const ROWS: readonly (readonly [InputName, string])[] = [
  ["timer", "the timer rings"],
  ["death", "`run` or `finish` has died"],
  ["newline", "a newline came on notification-fd"],
  ["closed", "notification-fd was closed without a newline"],
  ["started", "`run` was started"],
  ["startFailed", "`run` could not be started"],
  ["finishStarted", "`finish` was started"],
  ["finishAbsent", "there is no `finish`"],
  ["TERM", "signal to the supervisor"],
  ["HUP", "signal to the supervisor"],
  ["QUIT", "signal to the supervisor"],
  ["INT", "signal to the supervisor"],
  ["o", "once"],
  ["d", "down"],
  ["u", "up"],
  ["D", "down, also after a restart of the supervisor"],
  ["U", "up, also after a restart of the supervisor"],
  ["x", "exit when down"],
  ["O", "at most once"],
  ["Q", "at most once, also after a restart of the supervisor"],
  ["N", "the daemon is ready (not in s6)"],
  ["W", "the daemon is silent (not in s6)"],
  ["E", "the daemon needs more time to stop (not in s6)"],
  ["t", "SIGTERM; likewise `a b q h k i 1 2 y`"],
  ["p", "SIGSTOP; `c` SIGCONT"],
  ["P", "SIGSTOP to the group; `C` SIGCONT, `K` SIGKILL"],
  ["r", "down-signal"],
  ["l", "reload-signal"],
];

function inputs(name: InputName): Input[] {
  switch (name) {
    case "death":
      return [{ name, status: SUCCESS }, { name, status: PERMANENT_FAILURE }];
    case "started":
    case "finishStarted":
      return [{ name, pid: 1 }];
    case "startFailed":
      return [{ name, final: false }];
    default:
      return [{ name }];
  }
}

function stateIn(phase: Phase, wantUp: boolean, ready: boolean): MachineState {
  const pid = phase === "down" ? 0 : 1;
  return { phase, wantUp, ready, paused: false, pid, waitStatus: SUCCESS, wasReady: ready };
}

function told(effects: readonly Effect[]): string {
  return effects.map((effect) =>
    effect.do === "announce" ? effect.events : effect.do === "exit" ? "x" : ""
  ).join("");
}

/** Returns every change of phase, as `from --> to : inputs / events`. */
function arrows(): string[] {
  const labels = new Map<string, Set<string>>();
  for (const [name] of ROWS) {
    for (const phase of PHASES) {
      for (const input of inputs(name)) {
        const [next, effects] = step(stateIn(phase, true, false), input);
        const events = told(effects);
        const to = events.endsWith("x") ? "[*]" : next.phase;
        if (to === phase) continue;
        const arrow = `${phase} --> ${to}`;
        const exit125 = input.name === "death" && input.status === PERMANENT_FAILURE;
        const label = `${name}${exit125 ? " with 125" : ""}${events === "" ? "" : ` / ${events}`}`;
        labels.set(arrow, (labels.get(arrow) ?? new Set()).add(label));
      }
    }
  }
  return [...labels].map(([arrow, inputs]) => `${arrow} : ${[...inputs].join("<br>")}`);
}

const DONE: Readonly<Record<Effect["do"], (effect: Effect) => string>> = {
  start: () => "start `run`",
  finish: () => "start `finish`",
  stamp: () => "",
  announce: (effect) => {
    const events = effect.do === "announce" ? effect.events : "";
    return events === "" ? "write status" : `write status, send \`${events}\``;
  },
  tally: () => "add to the death tally",
  signal: (effect) => {
    if (effect.do !== "signal") return "";
    const signal = typeof effect.signal === "number"
      ? `signal ${effect.signal}`
      : `${effect.signal}-signal`;
    return effect.group ? `${signal} to the group` : signal;
  },
  killOverdue: () => "SIGKILL, SIGCONT",
  abortSilent: () => "SIGABRT, SIGCONT, arm killAgain",
  extendKill: () => "arm kill for later",
  arm: (effect) => effect.do === "arm" ? `arm ${effect.timer}` : "",
  disarm: () => "disarm the timer",
  markDown: () => "create `down`",
  unmarkDown: () => "remove `down`",
  closeNotification: () => "close the pipe",
  detach: () => "stdin and stdout to /dev/null",
  warn: () => "warn",
  exit: () => "exit",
};

function outcome(phase: Phase, [next, effects]: readonly [MachineState, readonly Effect[]]) {
  const done = effects.map((effect) => DONE[effect.do](effect)).filter((words) => words !== "");
  if (next.phase !== phase) done.unshift(`→ **${next.phase}**`);
  return done.join("; ");
}

function cell(name: InputName, phase: Phase): string {
  const [input] = inputs(name);
  const wanted = outcome(phase, step(stateIn(phase, true, false), input!));
  const unwanted = outcome(phase, step(stateIn(phase, false, false), input!));
  if (wanted === unwanted) return wanted;
  return `wanted: ${wanted}<br>unwanted: ${unwanted}`;
}

/** Returns the page docs/state-machine.md, from the table in lib/supervise/machine.ts. */
export function stateMachinePage(): string {
  const covered = new Set(ROWS.map(([name]) => String(name)));
  const rows = ROWS.map(([name, meaning]) =>
    `| \`${name}\` | ${meaning} | ${PHASES.map((phase) => cell(name, phase)).join(" | ")} |`
  );
  for (const name of Object.keys(transitions)) {
    if (!covered.has(name) && !"abqhki12ycCK".includes(name)) throw new Error(`no row for ${name}`);
  }
  return `<!-- deno-fmt-ignore-file -->

# The state machine

This page is generated from the table in \`lib/supervise/machine.ts\`, by
\`./scripts/deno run -A scripts/diagram.ts\`; a test fails when it is out of date.

A service is in one of five phases: \`down\`; \`up\`, while \`run\` is running; \`finish\`, while \`finish\` is
running; \`lastUp\` and \`lastFinish\`, which are the same where the supervisor exits at the end of this life.

\`\`\`mermaid
stateDiagram-v2
  [*] --> down : s
${arrows().map((arrow) => `  ${arrow}`).join("\n")}
\`\`\`

An arrow names the input and, behind the slash, the events that are sent. Inputs that don't change the
phase have no arrow. The status file is always written before an event is sent.

## Every cell

A row for each input, a column for each phase; in an empty cell nothing is done. \`wanted\` means that the
service is to be up. The time stamps are left out. After a \`finish\` that exits 125, \`OD\` is sent in place
of \`D\`, and the service is not wanted any more.

| input | meaning | ${PHASES.join(" | ")} |
|---|---|${PHASES.map(() => "---|").join("")}
${rows.join("\n")}

## The timer

Each service has one timer, which is armed for one thing at a time.

| timer | rings |
|---|---|
| restart | a second after the service became ready, if it was ready; else a second from now |
| retry | 60 s after a start that failed |
| kill | when \`timeout-kill\` is over |
| killAgain | 5 s after a kill |
| finish | when \`timeout-finish\` is over |
`;
}
