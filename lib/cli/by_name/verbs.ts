import { ControlCommand } from "../../servicedir/protocol.ts";
import type { AwaitedState } from "../../waiting/wait_state.ts";

/** What to wait for after the commands were sent. */
export type Goal =
  /** Up, and ready where it can say so. */
  | "up"
  /** Down, with its `finish`. */
  | "down"
  /** Down and up again, and ready where it can say so; up, where it was down. */
  | "restarted"
  /** Its supervisor has ended. */
  | "unsupervised"
  /** The state that it is wanted to be in already. */
  | "wanted";

/** What a verb does. */
export interface Verb {
  /** What is sent to the supervisor, in this order. */
  readonly sends: readonly ControlCommand[];
  /** What its effect is; undefined where nothing tells of it. */
  readonly goal?: Goal;
  /** Whether it waits without being told to. */
  readonly waits: boolean;
  /** Whether a service that does not get there in time is killed. */
  readonly force?: boolean;
  /** Whether it is for services that run only. */
  readonly onlyRunning?: boolean;
  /** Whether it goes through the dependencies of a service that belongs to `sv rc`. */
  readonly throughRc?: boolean;
}

const { up, down, once, exit, restart, reload } = ControlCommand;

/**
 * The verbs of runit's `sv`, on s6's commands.
 *
 * `restart` sends the down-signal before it says that the service is wanted: a service that is down is
 * started once, and not twice.
 */
export const VERBS: Readonly<Record<string, Verb>> = {
  up: { sends: [up], goal: "up", waits: false },
  down: { sends: [down], goal: "down", waits: false },
  once: { sends: [once], goal: "up", waits: false },
  pause: { sends: [ControlCommand.pause], waits: false },
  cont: { sends: [ControlCommand.continue], waits: false },
  hup: { sends: [ControlCommand.hangUp], waits: false },
  alarm: { sends: [ControlCommand.alarm], waits: false },
  interrupt: { sends: [ControlCommand.interrupt], waits: false },
  quit: { sends: [ControlCommand.quit], waits: false },
  1: { sends: [ControlCommand.user1], waits: false },
  2: { sends: [ControlCommand.user2], waits: false },
  term: { sends: [ControlCommand.terminate], goal: "restarted", waits: false, onlyRunning: true },
  kill: { sends: [ControlCommand.kill], waits: false },
  exit: { sends: [down, exit], goal: "unsupervised", waits: false },
  start: { sends: [up], goal: "up", waits: true, throughRc: true },
  stop: { sends: [down], goal: "down", waits: true, throughRc: true },
  reload: { sends: [reload], waits: true },
  restart: { sends: [restart, up], goal: "restarted", waits: true, throughRc: true },
  "try-restart": {
    sends: [restart],
    goal: "restarted",
    waits: true,
    onlyRunning: true,
    throughRc: true,
  },
  shutdown: { sends: [down, exit], goal: "unsupervised", waits: true },
  check: { sends: [], goal: "wanted", waits: true },
  "force-stop": { sends: [down], goal: "down", waits: true, force: true, throughRc: true },
  "force-reload": { sends: [restart], goal: "restarted", waits: true, force: true },
  "force-restart": {
    sends: [restart, up],
    goal: "restarted",
    waits: true,
    force: true,
    throughRc: true,
  },
  "force-shutdown": { sends: [down, exit], goal: "unsupervised", waits: true, force: true },
};

/** What is known of a service before a verb is carried out. */
export interface Before {
  readonly up: boolean;
  readonly wantUp: boolean;
  /** Whether it can say that it is ready. */
  readonly notifies: boolean;
}

/** Returns the state to wait for; undefined: there is nothing to wait for. */
export function awaitedFor(goal: Goal, { notifies, up, wantUp }: Before): AwaitedState | undefined {
  switch (goal) {
    case "up":
      return notifies ? "ready" : "up";
    case "down":
      return "finished";
    case "restarted":
      if (!up) return notifies ? "ready" : "up";
      return notifies ? "restartedReady" : "restarted";
    case "wanted":
      return wantUp ? (notifies ? "ready" : "up") : "finished";
    case "unsupervised":
      return undefined;
  }
}
