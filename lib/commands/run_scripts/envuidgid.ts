import { groupId, userNamed } from "../../os/accounts.ts";
import { setVariable } from "../../os/environment.ts";
import { cString } from "../../os/os_string.ts";
import { becomeProgram } from "../../cli/become_program.ts";
import { type AccountIdentity, identityOf, unknownName } from "../../cli/chain/identities.ts";
import { parseId, parseIds } from "../../cli/chain/ids.ts";
import { type Command, required, requiredProgram } from "../../cli/command.ts";
import { type ParsedOptions, parseOptions } from "../../options/parse_options.ts";
import { UsageError } from "../../options/usage_error.ts";

/** What stands in for what is unknown, or not given: root's rights, where -D gives no others. */
const ROOT: AccountIdentity = { uid: 0, gid: 0, groups: [] };

/** Reads the argument of -D, of which parts may be missing. */
function defaults(text: string): AccountIdentity {
  const [, uid = "", , gid = "", , list = ""] = /^(\d*)(:(\d*)(:(.*))?)?$/s.exec(text) ?? [];
  const identity = { uid: parseId(uid || "0"), gid: parseId(gid || "0"), groups: parseIds(list) };
  if (
    !/^\d*(:|$)/.test(text) || (list === "" && !/^\d*(:\d*:?)?$/.test(text)) ||
    identity.uid === undefined || identity.gid === undefined || identity.groups === undefined
  ) {
    throw new UsageError(`option -D takes uid:gid:gidlist in numbers, not '${text}'`);
  }
  return identity as AccountIdentity;
}

/** Which variables are set. */
type Kind = "account" | "user" | "group" | "both";

/** Returns what account is: with -n alone, as s6 has it, a user and a group. */
function kindOf(options: ParsedOptions): Kind {
  const kinds: Record<string, Kind> = { u: "user", g: "group", B: "both" };
  return kinds[options.lastOf("u", "g", "B") ?? ""] ?? (options.has("n") ? "both" : "account");
}

/** How what is unknown is dealt with. */
interface Unknown {
  /** Whether a name that is a number may stand for itself. */
  readonly numeric: boolean;
  /** Whether anything else is an error. */
  readonly insist: boolean;
  readonly otherwise: AccountIdentity;
}

function uidOf(name: string, { numeric, insist, otherwise }: Unknown): number {
  const uid = userNamed(name)?.uid ?? (numeric ? parseId(name) : undefined);
  if (uid === undefined && insist) throw unknownName("user", name);
  return uid ?? otherwise.uid;
}

function gidOf(name: string, { numeric, insist, otherwise }: Unknown): number {
  const gid = groupId(name) ?? (numeric ? parseId(name) : undefined);
  if (gid === undefined && insist) throw unknownName("group", name);
  return gid ?? otherwise.gid;
}

/** Returns what is to be in the variables, as far as they are set. */
function lookUp(account: string, kind: Kind, unknown: Unknown): Partial<AccountIdentity> {
  const { insist, otherwise } = unknown;
  if (kind === "user") return { uid: uidOf(account, unknown) };
  if (kind === "group") return { gid: gidOf(account, unknown) };
  if (kind === "account") {
    const found = identityOf(account);
    if (found === undefined && insist) throw unknownName("user", account);
    return found ?? otherwise;
  }
  const colon = account.indexOf(":");
  const user = colon < 0 ? account : account.slice(0, colon);
  const group = colon < 0 ? "" : account.slice(colon + 1);
  return {
    gid: group === "" ? otherwise.gid : gidOf(group, unknown),
    uid: user === "" && colon >= 0 ? otherwise.uid : uidOf(user, unknown),
  };
}

/** `sv envuidgid`: puts the numbers of a user and groups into the environment for another program. */
export const envuidgidCommand: Command = {
  usage: "[-u | -g | -B] [-n] [-i | -D uid:gid:gidlist] account prog...",
  help:
    `Becomes prog, with the numbers of a user and groups in variables: UID, GID, and in GIDLIST the
supplementary groups, with commas between them. 'sv applyuidgid -U' takes them from there. account is a
user's name.

  -u      account is a user's name, of which only UID is set
  -g      account is a group's name, of which only GID is set
  -B      account is user:group, of which UID and GID are set; 0 where one is missing
  -n      a name that nothing has may be a number; without -u and -g, account is as for -B
  -i      fail where account is unknown (the default)
  -D UID:GID:GIDLIST  where account is unknown, or a part of it missing, take these

Exit codes: 1 no such user or group; 100 wrong usage; 111 system call failed; 127 prog not found; 126
prog can't be run; else prog's.`,

  run(args) {
    const options = parseOptions(args, "ugBniD:");
    const given = options.values("D").map(defaults).at(-1);
    const account = required(options.rest[0], "account");
    const prog = requiredProgram(options.rest.slice(1));
    const { uid, gid, groups } = lookUp(account, kindOf(options), {
      numeric: options.has("n"),
      insist: options.lastOf("i", "D") !== "D",
      otherwise: given ?? ROOT,
    });
    const path = Deno.env.get("PATH");
    if (uid !== undefined) setVariable("UID", cString(String(uid)));
    if (gid !== undefined) setVariable("GID", cString(String(gid)));
    if (groups !== undefined) setVariable("GIDLIST", cString(groups.join(",")));
    return becomeProgram(prog, { path });
  },
};
