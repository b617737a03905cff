import { becomeUser, type Identity } from "../../os/become_user.ts";
import { setVariable } from "../../os/environment.ts";
import { becomeProgram } from "../../cli/become_program.ts";
import { IDENTITY_VARIABLES, parseId, parseIds } from "../../cli/chain/ids.ts";
import { type Command, requiredProgram } from "../../cli/command.ts";
import { isCalledAsS6 } from "../../cli/program.ts";
import { parseOptions } from "../../options/parse_options.ts";
import { UsageError } from "../../options/usage_error.ts";

/** Returns what a variable holds, which `-U` needs. */
function variable<T>(name: string, parse: (text: string) => T | undefined): T {
  const text = Deno.env.get(name);
  if (text === undefined) {
    throw new UsageError(
      `option -U takes the variables ${IDENTITY_VARIABLES.join(", ")}, and ${name} is not set; ` +
        "'sv envuidgid' sets them",
    );
  }
  const value = parse(text);
  if (value === undefined) throw new UsageError(`the variable ${name} is '${text}'`);
  return value;
}

/** Returns the argument of an option, read as a number or a list of numbers. */
function argument<T>(
  { spelling, value }: { spelling: string; value: string },
  what: string,
  parse: (text: string) => T | undefined,
): T {
  const parsed = parse(value);
  if (parsed === undefined) {
    throw new UsageError(`option ${spelling} takes ${what}, not '${value}'`);
  }
  return parsed;
}

/** `sv applyuidgid`: gives up rights for those of a user and groups, and becomes another program. */
export const applyuidgidCommand: Command = {
  usage: "[-z] [-u uid] [-g gid] [-G gidlist] [-U] prog...",
  help: `Becomes prog, with the user and groups that are given. Has to be run by root, or with the
capabilities CAP_SETUID and CAP_SETGID. No step that fails is passed over. What is not given stays: without
-G and -U, prog has the supplementary groups of the caller.

  -u UID      the user, a number
  -g GID      the group, a number
  -G GIDLIST  the supplementary groups: numbers with commas between them, or an empty string for none
  -U          all of them from the variables UID, GID and GIDLIST; options after it go before
  -z          prog gets none of these variables

Exit codes: 100 wrong usage; 111 system call failed; 127 prog not found; 126 prog can't be run; else
prog's.`,

  run(args) {
    const { options, rest } = parseOptions(args, "zUu:g:G:");
    let wanted: Identity = {};
    for (const option of options) {
      if (option.name === "u") {
        wanted = { ...wanted, uid: argument(option, "the number of a user", parseId) };
      } else if (option.name === "g") {
        wanted = { ...wanted, gid: argument(option, "the number of a group", parseId) };
      } else if (option.name === "G") {
        wanted = { ...wanted, groups: argument(option, "numbers of groups", parseIds) };
      } else if (option.name === "U") {
        wanted = {
          uid: variable("UID", parseId),
          gid: variable("GID", parseId),
          groups: variable("GIDLIST", parseIds),
        };
      }
    }
    const prog = requiredProgram(rest);
    // s6 takes root, and root's group, for "as it is".
    becomeUser(
      isCalledAsS6()
        ? { ...wanted, uid: wanted.uid || undefined, gid: wanted.gid || undefined }
        : wanted,
    );
    if (options.some(({ name }) => name === "z")) {
      for (const name of IDENTITY_VARIABLES) setVariable(name, undefined);
    }
    return becomeProgram(prog);
  },
};
