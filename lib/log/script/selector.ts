import { Pattern } from "../../os/pattern.ts";
import { reasonOf } from "../../os/system_error.ts";
import { UsageError } from "../../options/usage_error.ts";
import type { Clause, Selection } from "./script.ts";

/** Decides of one line after the other which clauses of a script it goes to. */
export class Selector {
  readonly #clauses: readonly (readonly CompiledSelection[])[];
  /** Whether every line goes to every clause. */
  readonly all: boolean;

  /**
   * @param clauses The clauses of a script.
   * @throws {UsageError} where a regular expression is wrong.
   */
  constructor(clauses: readonly Clause[]) {
    this.#clauses = clauses.map(({ selections }) => selections.map(compile));
    this.all = clauses.every(({ selections }) => selections.length === 0);
  }

  /**
   * Calls back with the index of each clause that a line goes to.
   *
   * @param line The line, without its newline.
   * @param act Is called in the order of the clauses.
   */
  select(line: Uint8Array, act: (clause: number) => void): void {
    let selected = true;
    let acted = false;
    for (let index = 0; index < this.#clauses.length; index++) {
      for (const { type, pattern } of this.#clauses[index]!) {
        if (type === "rest") selected = !acted;
        else if (selected !== (type === "select") && pattern!.matches(line)) selected = !selected;
      }
      if (!selected) continue;
      acted = true;
      act(index);
    }
  }
}

interface CompiledSelection {
  readonly type: Selection["type"];
  readonly pattern?: Pattern;
}

function compile(selection: Selection): CompiledSelection {
  if (selection.type === "rest") return selection;
  try {
    return { type: selection.type, pattern: new Pattern(selection.regex, true) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const sign = selection.type === "select" ? "+" : "-";
    throw new UsageError(`directive '${sign}${selection.regex}': ${reasonOf(error)}`);
  }
}
