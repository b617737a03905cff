import type { Explanation } from "./explanation.ts";
import type { Facts } from "./facts.ts";

/** Explains a service without a supervisor, or one of which nothing can be found out. */
export function explainUnsupervised({ name, supervision }: Facts): Explanation {
  switch (supervision.is) {
    case "missing":
      return {
        state: "missing",
        reason: supervision.what,
        next: "look for a misspelt name; `sv list` prints those that there are",
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
            "if sv had started it",
        };
      }
      return {
        state: "unsupervised",
        reason: supervision.before
          ? "its supervisor is gone, and so is its process"
          : "no supervisor has run here yet",
        next: "a scan that has it in its directory supervises it after `sv scanctl -a`, " +
          `\`sv supervise ${name}\` does alone`,
      };
    default:
      throw new Error("a service with a supervisor is explained elsewhere");
  }
}
