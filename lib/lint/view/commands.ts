import { ServicePath } from "../../servicedir/protocol.ts";
import { finalCommands, readScript } from "./script.ts";
import { unchain, type Unchained } from "./unchain.ts";
import { type DirectoryView, textOf } from "./directory_view.ts";

/** A command that a run script becomes. */
export interface FinalCommand extends Unchained {
  /** The line on which it stands. */
  readonly line: number;
}

/** Returns the commands that the run script of a directory becomes, as far as they can be told. */
export function commandsOf(view: DirectoryView): FinalCommand[] {
  const text = textOf(view, ServicePath.run);
  const script = text === undefined ? undefined : readScript(text);
  if (script === undefined) return [];
  return finalCommands(script).flatMap(({ line, words }) => {
    const command = unchain(words);
    return command === undefined ? [] : [{ line, ...command }];
  });
}
