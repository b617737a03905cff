import type { Definition, Longrun } from "./definition.ts";

/** Definitions that belong together: each may name the others. */
export interface DefinitionSet {
  /** The source directories that they were read from. */
  readonly sources: readonly string[];
  /** The definitions. */
  readonly definitions: readonly Definition[];
}

/** Returns the longruns of a set. */
export function longrunsOf({ definitions }: DefinitionSet): Longrun[] {
  return definitions.filter((definition) => definition.type === "longrun");
}

/** Returns the names of the longruns that read a pipe: the consumers of producers. */
export function consumersOf(set: DefinitionSet): string[] {
  return longrunsOf(set).filter(({ consumerFor }) => consumerFor.length > 0)
    .map(({ name }) => name);
}
