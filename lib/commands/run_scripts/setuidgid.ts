import { becomeUser, type Identity } from "../../os/become_user.ts";
import { becomeProgram } from "../../cli/become_program.ts";
import { identityOf, unknownName } from "../../cli/chain/identities.ts";
import { parseId } from "../../cli/chain/ids.ts";
import { type Command, required, requiredProgram } from "../../cli/command.ts";
import { isCalledAsS6 } from "../../cli/program.ts";
import { parseOptions } from "../../options/parse_options.ts";
import { UsageError } from "../../options/usage_error.ts";

/** Returns whose rights an account stands for: a user's name, or two numbers with a colon between them. */
function identity(account: string): Identity {
  if (!account.includes(":")) {
    const found = identityOf(account);
    if (found === undefined) throw unknownName("user", account);
    return found;
  }
  const [uid, gid, ...more] = account.split(":").map(parseId);
  if (uid === undefined || gid === undefined || more.length > 0) {
    throw new UsageError(
      `an account with a colon has two numbers, as in 1000:100, not '${account}'`,
    );
  }
  // s6 leaves a process that is to become root as it is.
  return isCalledAsS6()
    ? { uid: uid || undefined, gid: gid || undefined, groups: [] }
    : { uid, gid, groups: [] };
}

/** `sv setuidgid`: gives up rights for those of a user, and becomes another program. */
export const setuidgidCommand: Command = {
  usage: "account prog...",
  help:
    `Becomes prog, with the user, the group and the supplementary groups of account. Has to be run by
root, or with the capabilities CAP_SETUID and CAP_SETGID. No step that fails is passed over.

account is a user's name, or uid:gid in numbers, which has no supplementary groups. The empty string
changes nothing.

Exit codes: 1 no such user; 100 wrong usage; 111 system call failed; 127 prog not found; 126 prog can't
be run; else prog's.`,

  run(args) {
    const { rest } = parseOptions(args, "");
    const account = required(rest[0], "account");
    const prog = requiredProgram(rest.slice(1));
    if (account !== "") becomeUser(identity(account));
    return becomeProgram(prog);
  },
};
