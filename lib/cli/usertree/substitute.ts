import { IDENTITY_VARIABLES } from "../chain/ids.ts";
import { UsageError } from "../../options/usage_error.ts";

/** The variables whose values may stand in a scan directory, in PATH, and in the variables of -e. */
const OF_THE_USER = ["USER", "HOME", ...IDENTITY_VARIABLES];

/** What a user's own tree is started with. */
export interface UserTree {
  /** The scan directory. */
  readonly directory: string;
  readonly path: string;
  readonly variables: ReadonlyMap<string, string>;
}

/** Replaces `${NAME}` by the value that a variable has. */
function fill(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$\{([^}]*)\}/g, (whole, name) => values.get(name) ?? whole);
}

/**
 * Puts a user's data in the place of `${USER}`, `${HOME}`, `${UID}`, `${GID}` and `${GIDLIST}`: first the
 * values of the templates are put in place, as s6 does, and then the user's data, everywhere.
 *
 * @param tree What may have such words.
 * @param templates The variables that may have them.
 * @throws {UsageError} when one of the five is not set.
 */
export function substitute(tree: UserTree, templates: readonly string[]): UserTree {
  const user = new Map(OF_THE_USER.map((name) => {
    const value = tree.variables.get(name);
    if (value === undefined) throw new UsageError(`the variable ${name} must not be removed`);
    return [name, value];
  }));
  const values = new Map(templates.map((name) => [name, tree.variables.get(name) ?? ""]));
  const both = (text: string) => fill(fill(text, values), user);
  return {
    directory: both(tree.directory),
    path: both(tree.path),
    variables: new Map([
      ...tree.variables,
      ...templates.map((name) => [name, fill(values.get(name)!, user)] as const),
    ]),
  };
}
