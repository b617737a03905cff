import { assert, assertEquals } from "@std/assert";
import { ControlCommand } from "../../lib/servicedir/protocol.ts";
import { exited, signaled } from "../../lib/os/wait_status.ts";
import {
  commandInput,
  initialState,
  type Input,
  type InputName,
  type MachineState,
  type Phase,
  PHASES,
  step,
  transitions,
} from "../../lib/supervise/machine.ts";
import { inWords } from "../../scripts/diagram/in_words.ts";
import { seeds, withRandom } from "../support/random.ts";
import { expectations } from "./expectations.ts";
import { Simulation } from "./simulation.ts";

const PID = 7;
const NEW_PID = 8;
const BOOLEANS = [false, true];

/** An input, with the word that the table has for it where several inputs have one name. */
interface Variant {
  readonly word: string;
  readonly input: Input;
}

function variants(name: InputName): Variant[] {
  switch (name) {
    case "death":
      return [
        { word: "exit 0", input: { name, status: exited(0) } },
        { word: "exit 125", input: { name, status: exited(125) } },
        { word: "signal 15", input: { name, status: signaled(15) } },
      ];
    case "started":
    case "finishStarted":
      return [{ word: "", input: { name, pid: NEW_PID } }];
    case "startFailed":
      return [
        { word: "for now", input: { name, final: false } },
        { word: "for good", input: { name, final: true } },
      ];
    default:
      return [{ word: "", input: { name } }];
  }
}

function states(phase: Phase): MachineState[] {
  return BOOLEANS.flatMap((wantUp) =>
    BOOLEANS.flatMap((ready) =>
      BOOLEANS.flatMap((paused) =>
        BOOLEANS.map((wasReady) => ({
          phase,
          wantUp,
          ready,
          paused,
          wasReady,
          waitStatus: exited(3),
          pid: phase === "down" ? 0 : PID,
        }))
      )
    )
  );
}

function describes(when: string, state: MachineState, variant: Variant): boolean {
  const facts = [
    "always",
    state.wantUp ? "wanted" : "unwanted",
    state.ready ? "ready" : "not ready",
    state.paused ? "stopped" : "running",
    variant.word,
  ];
  return when.split(", ").every((condition) => facts.includes(condition));
}

function changed(state: MachineState, next: string, changes: string): MachineState {
  const entries = changes === "-" ? [] : changes.split(" ").map((change) => {
    const [name, value] = change.split("=") as [string, string];
    return [name, JSON.parse(value)];
  });
  return {
    ...state,
    ...(next === "." ? {} : { phase: next as Phase }),
    ...Object.fromEntries(entries),
  };
}

const names = Object.keys(transitions) as InputName[];

for (const name of names) {
  Deno.test(`the machine does what is written on ${name}, in each phase and state`, () => {
    for (const phase of PHASES) {
      for (const state of states(phase)) {
        for (const variant of variants(name)) {
          const lines = expectations.filter((line) =>
            line.inputs.includes(String(name)) && line.phases.includes(phase) &&
            describes(line.when, state, variant)
          );
          const cell = `${name} ${variant.word} in ${JSON.stringify(state)}`;
          assertEquals(lines.length, 1, `lines of the table for ${cell}`);
          const { next, changes, effects } = lines[0]!;
          const [after, done] = step(state, variant.input);
          assertEquals(after, changed(state, next, changes), cell);
          assertEquals(done.map(inWords).join("; "), effects, cell);
        }
      }
    }
  });
}

Deno.test("the written table names no input or phase that does not exist", () => {
  for (const { inputs, phases } of expectations) {
    for (const input of inputs) assert(names.includes(input as InputName), input);
    for (const phase of phases) assert(PHASES.includes(phase as Phase), phase);
  }
});

Deno.test("the machine does not change the state it is given", () => {
  for (const phase of PHASES) {
    for (const state of states(phase)) {
      const before = JSON.stringify(state);
      for (const name of names) {
        for (const { input } of variants(name)) step(Object.freeze(state), input);
      }
      assertEquals(JSON.stringify(state), before);
    }
  }
});

Deno.test("every byte of the control FIFO is a command or means nothing", () => {
  const meaningful: unknown[] = Array.from({ length: 256 }, (_, byte) => commandInput(byte)?.name)
    .filter((name) => name !== undefined);
  assertEquals(meaningful.sort(), [..."12CDEKNOPQUWabcdhiklopqrtuxy"].sort());
  const commands = Object.values(ControlCommand);
  assertEquals(new Set(commands).size, commands.length);
});

Deno.test("before it starts anything the machine says `not started yet`", () => {
  for (const wantUp of BOOLEANS) {
    const { phase, pid, paused, ready, waitStatus } = initialState(wantUp);
    assertEquals({ phase, pid, paused, ready, waitStatus }, {
      phase: "down",
      pid: 0,
      paused: true,
      ready: true,
      waitStatus: 0,
    });
    assertEquals(initialState(wantUp).wantUp, wantUp);
  }
});

for (const seed of seeds(1, 20, 300)) {
  Deno.test(`100,000 random inputs (seed ${seed}) break no invariant`, () =>
    withRandom(seed, (random) => {
      const simulation = new Simulation(random);
      for (let count = 0; count < 100_000; count++) simulation.advance();
      // A phase, or an event, that is hardly ever reached would prove nothing.
      for (const phase of PHASES) {
        assert(simulation.visits[phase] > 500, `${phase}: ${simulation.visits[phase]} inputs`);
      }
      for (const event of "suUdDOx") {
        assert(simulation.counts[event]! > 100, `${event}: ${simulation.counts[event]} times`);
      }
    }));
}
