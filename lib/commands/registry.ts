import type { Command } from "./command.ts";

/** A subcommand before it is loaded: `sv --version` must not pay for `sv supervise`. */
export interface RegisteredCommand {
  /** Its name, as in `sv NAME`. */
  readonly name: string;
  /** The program of s6 that it stands in for. */
  readonly counterpart: string;
  /** Other names. */
  readonly aliases?: readonly string[];
  /** What it is for, in a line. */
  readonly summary: string;
  /** Loads it. */
  load(): Promise<Command>;
}

/** All subcommands, in the order in which `sv help` shows them. */
export const commands: readonly RegisteredCommand[] = [
  {
    name: "supervise",
    counterpart: "s6-supervise",
    summary: "supervise a service",
    load: async () => (await import("./supervise.ts")).supervise,
  },
  {
    name: "ok",
    counterpart: "s6-svok",
    summary: "tell whether a service is supervised",
    load: async () => (await import("./ok.ts")).ok,
  },
];

/** Finds a command by its name, by another name, or by its counterpart's. */
export function findCommand(name: string): RegisteredCommand | undefined {
  return commands.find((command) =>
    command.name === name || command.counterpart === name || command.aliases?.includes(name)
  );
}
