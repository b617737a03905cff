import { groupsOf, userNamed } from "../../os/accounts.ts";
import { ExitCode, Failure } from "../command.ts";

/** A user's rights: the user, the primary group, and the groups that have the user as a member. */
export interface AccountIdentity {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/** Returns the rights of a user, by name; undefined where no user has that name. */
export function identityOf(name: string): AccountIdentity | undefined {
  const user = userNamed(name);
  return user && { uid: user.uid, gid: user.gid, groups: groupsOf(name) };
}

/** Returns the failure of a name that no user, or no group, has. */
export function unknownName(kind: "user" | "group", name: string): Failure {
  const database = { user: "passwd", group: "group" }[kind];
  return new Failure(
    `there is no ${kind} '${name}'; 'getent ${database}' lists those that there are`,
    ExitCode.failed,
  );
}
