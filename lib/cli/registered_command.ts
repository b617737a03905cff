import type { Command } from "./command.ts";

/** A subcommand before it is loaded: `sv --version` must not pay for `sv supervise`. */
export interface RegisteredCommand {
  /** Its name, as in `sv NAME`. */
  readonly name: string;
  /** The program of s6 that it stands in for, if s6 has such a program. */
  readonly counterpart?: string;
  /** Other names. */
  readonly aliases?: readonly string[];
  /** What it is for, in a line. */
  readonly summary: string;
  /** Loads it. */
  load(): Promise<Command>;
}

/** Everything that a command can be called. */
export function namesOf({ name, counterpart, aliases = [] }: RegisteredCommand): readonly string[] {
  return [name, ...aliases, ...counterpart === undefined ? [] : [counterpart]];
}

/** Finds a command by its name, by another name, or by its counterpart's. */
export function findAmong(
  commands: readonly RegisteredCommand[],
  name: string,
): RegisteredCommand | undefined {
  return commands.find((command) => namesOf(command).includes(name));
}
