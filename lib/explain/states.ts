/**
 * The states that an explanation tells apart: one word each. docs/states.md is generated from this table.
 *
 * @module
 */

/** How a state is shown to a person. */
export type Tone = "good" | "busy" | "bad" | "off";

/** What a state means. */
export interface StateMeaning {
  /** One sentence for the documentation. */
  readonly meaning: string;
  /** Its colour, by what it asks of the reader: nothing, patience, help, nothing. */
  readonly tone: Tone;
  /** Lists show higher ones first. */
  readonly urgency: number;
}

/** All states, the most urgent first. */
export const STATES = {
  failed: {
    meaning:
      "`finish`, `sv permafailon` or `sv rc` has given it up: it stays as it is until it is told to start",
    tone: "bad",
    urgency: 90,
  },
  broken: {
    meaning: "`run` can't be started at all; the reason is the system's",
    tone: "bad",
    urgency: 85,
  },
  crashing: {
    meaning: "it dies again and again: three times or more, with less than a minute between",
    tone: "bad",
    urgency: 80,
  },
  abandoned: {
    meaning: "its supervisor is gone, and its process still runs",
    tone: "bad",
    urgency: 75,
  },
  unsupervised: {
    meaning: "no supervisor is running on the service directory",
    tone: "bad",
    urgency: 70,
  },
  missing: {
    meaning: "there is no such service directory, or it is none",
    tone: "bad",
    urgency: 70,
  },
  unknown: {
    meaning: "its state can't be read, for want of rights say",
    tone: "bad",
    urgency: 65,
  },
  stuck: {
    meaning: "it is up, and nothing is going to make it ready",
    tone: "bad",
    urgency: 60,
  },
  paused: {
    meaning: "it was stopped by SIGSTOP, and does nothing before it is continued",
    tone: "bad",
    urgency: 55,
  },
  blocked: {
    meaning: "`sv rc` was to start it, and has given up, as something that it needs is not ready",
    tone: "bad",
    urgency: 52,
  },
  stopping: {
    meaning: "it was told to go down, and has not ended yet, or its `finish` has not",
    tone: "busy",
    urgency: 50,
  },
  waiting: {
    meaning: "`sv rc` starts it when what it depends on is ready",
    tone: "busy",
    urgency: 45,
  },
  restarting: {
    meaning: "it has died, and is started again in a moment",
    tone: "busy",
    urgency: 40,
  },
  starting: {
    meaning: "it is up, and not ready yet",
    tone: "busy",
    urgency: 35,
  },
  reloading: {
    meaning: "it is ready, and says that it reads its configuration again",
    tone: "busy",
    urgency: 20,
  },
  partial: {
    meaning: "a bundle of `sv rc`: some of its services are up, others are down, as they shall be",
    tone: "busy",
    urgency: 18,
  },
  up: {
    meaning: "it is up; nothing tells whether it is ready",
    tone: "good",
    urgency: 15,
  },
  ready: {
    meaning: "it is up, and has said that it is ready; of a oneshot: its script has succeeded",
    tone: "good",
    urgency: 10,
  },
  down: {
    meaning: "it is down, and shall be",
    tone: "off",
    urgency: 5,
  },
} as const satisfies Readonly<Record<string, StateMeaning>>;

/** The state of a service, in a word. */
export type State = keyof typeof STATES;
