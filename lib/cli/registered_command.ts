import type { Command } from "./command.ts";
import type { Example } from "./documentation/example.ts";

/** A subcommand that is not loaded yet: no command pays at its start for the code of the others. */
export interface RegisteredCommand {
  /** Its name, as in `sv NAME`. */
  readonly name: string;
  /** The program of s6 that does the same, if there is one. */
  readonly counterpart?: string;
  /** Other names. */
  readonly aliases?: readonly string[];
  /** What it does, in one line. */
  readonly summary: string;
  /** Loads it. */
  load(): Promise<Command>;
  /** Loads examples of it. */
  examples?(): Promise<readonly Example[]>;
}

/** Commands that `sv help` shows under one heading. */
export interface CommandGroup {
  /** The heading, in a word or two. */
  readonly heading: string;
  /** What the commands are for, to follow the heading and a colon. */
  readonly about: string;
  /** The commands, in the order in which they are shown. */
  readonly commands: readonly RegisteredCommand[];
}

/** Returns all names of a command: its own, its other names, its counterpart's. */
export function namesOf({ name, counterpart, aliases = [] }: RegisteredCommand): readonly string[] {
  return [name, ...aliases, ...counterpart === undefined ? [] : [counterpart]];
}

/** Finds a command by its name, by another name, or by its counterpart's. */
export function findAmong(
  commands: readonly RegisteredCommand[],
  name: string,
): RegisteredCommand | undefined {
  // No call of a function for each: most commands start for one question, and V8 compiles what is called.
  for (const command of commands) {
    if (
      command.name === name || command.counterpart === name || command.aliases?.includes(name)
    ) return command;
  }
  return undefined;
}
