import { userNamed } from "../../os/accounts.ts";
import { becomeUser } from "../../os/become_user.ts";
import { replaceEnvironment, setVariable } from "../../os/environment.ts";
import { cString, decodeOs } from "../../os/os_string.ts";
import { selfCommand } from "../../os/runtime/self_command.ts";
import { becomeProgram } from "../../cli/become_program.ts";
import { identityOf, unknownName } from "../../cli/chain/identities.ts";
import { CLAMP, readVariables } from "../../cli/chain/read_variables.ts";
import type { Command } from "../../cli/command.ts";
import { operands } from "../../cli/command_line.ts";
import { substitute } from "../../cli/usertree/substitute.ts";
import { parseOptions } from "../../options/parse_options.ts";

/** `sv usertree`: becomes the scan of a user's own services, with nothing of the caller's environment. */
export const usertreeCommand: Command = {
  usage: "[-p path] [-E envdir [-e var]...] user userscandir",
  help:
    `Becomes 'sv scan -d 3 userscandir' as user: with the user's rights, and an environment of USER,
HOME, UID, GID, GIDLIST and PATH alone. It is what the run script becomes that 'sv usertree-maker' writes.

  -p PATH     PATH for the user's services; default: /usr/bin:/bin
  -E ENVDIR   add the variables of this directory, as 'sv envdir' does
  -e VAR      in this one of them, too, put the user's data in place; may be given several times

In userscandir, PATH and each VAR, \${USER}, \${HOME}, \${UID}, \${GID} and \${GIDLIST} stand for the user's
data.

Exit codes: 1 no such user; 100 wrong usage; 111 system call failed; else those of 'sv scan'.`,

  run(args) {
    const options = parseOptions(args, "p:E:e:");
    const [user, directory] = operands(options.rest, ["user", "scan directory"]) as [
      string,
      string,
    ];
    const identity = identityOf(user);
    if (identity === undefined) throw unknownName("user", user);
    const variables = new Map([
      ["USER", user],
      ["HOME", userNamed(user)?.home ?? "/"],
      ["UID", String(identity.uid)],
      ["GID", String(identity.gid)],
      ["GIDLIST", identity.groups.join(",")],
    ]);
    // Looked up with the caller's rights: the user may not be able to read what leads there.
    const self = selfCommand();
    becomeUser(identity);

    const envdir = options.value("E");
    const plain = { whole: false, keepEnd: false, instead: 10 };
    for (
      const [name, value] of envdir === undefined ? [] : readVariables(envdir, CLAMP, false, plain)
    ) {
      if (value === undefined) variables.delete(name);
      else variables.set(name, decodeOs(value.subarray(0, -1)));
    }
    const tree = substitute(
      { directory, path: options.value("p") ?? "/usr/bin:/bin", variables },
      envdir === undefined ? [] : options.values("e"),
    );
    replaceEnvironment(new Uint8Array(), "");
    for (const [name, value] of tree.variables) setVariable(name, cString(value));
    setVariable("PATH", cString(tree.path));
    return becomeProgram([...self, "scan", "-d", "3", "--", tree.directory]);
  },
};
