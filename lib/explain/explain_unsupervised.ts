import type { Explanation } from "./explanation.ts";
import type { Facts, Supervision } from "./facts.ts";

/** Returns what makes a supervisor run on a service. */
function whatSupervises(
  dir: string,
  scan: Extract<Supervision, { is: "none" }>["scan"],
): string {
  if (scan?.runs) return `\`sv scanctl -a ${scan.directory}\` has the scan supervise it`;
  const alone = `\`sv supervise ${dir}\``;
  return scan === undefined
    ? `${alone} supervises it; so does a scan of the directory that it is in (sv scan)`
    : `no scan runs on ${scan.directory}: \`sv scan ${scan.directory}\` supervises all services ` +
      `there, ${alone} this one alone`;
}

/** Explains a service without a supervisor, or one of which nothing can be found out. */
export function explainUnsupervised({ name, dir = name, supervision }: Facts): Explanation {
  switch (supervision.is) {
    case "missing":
      return {
        state: "missing",
        reason: supervision.what,
        next: supervision.lacksRun
          ? `write ${dir}/run, or have \`sv new\` write such a directory`
          : supervision.nearest === undefined
          ? "look for a misspelt name; `sv list` prints those that there are"
          : `is ${supervision.nearest} meant? \`sv list\` prints the names that there are`,
      };
    case "unreadable":
      return {
        state: "unknown",
        reason: `its state can't be read: ${supervision.why}`,
        next: "ask as root or as its owner, or have `sv perms` allow it",
      };
    case "none":
      if (supervision.left !== undefined) {
        return {
          state: "abandoned",
          reason: `its supervisor is gone, and process ${supervision.left} of it still runs`,
          next: "nothing restarts it now; a supervisor that is started takes the process over " +
            `if sv had started it; ${whatSupervises(dir, supervision.scan)}`,
        };
      }
      return {
        state: "unsupervised",
        reason: supervision.before
          ? "its supervisor is gone, and so is its process"
          : "no supervisor has run here yet",
        next: whatSupervises(dir, supervision.scan),
      };
    default:
      throw new Error("a service with a supervisor is explained elsewhere");
  }
}
