import type { LiveService } from "../watch/live_services.ts";
import { isReady } from "../status/report.ts";
import { oneLine } from "../one_line.ts";

/** How many services a refusal names. */
const MOST_NAMED = 20;

/** A service that is not ready, and why. */
export interface NotReady {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
  readonly next: string | null;
}

/** The answer to whether services are ready. */
export interface Readiness {
  readonly ready: boolean;
  /** The first of those that are not. */
  readonly notReady: readonly NotReady[];
  /** How many more are not. */
  readonly more: number;
}

/** What is asked about services. */
export interface Board {
  readonly isAsWanted: boolean;
  astray(): readonly LiveService[];
  current(name: string): LiveService | undefined;
}

const READY: Readiness = { ready: true, notReady: [], more: 0 };

function reasonOf(live: LiveService): NotReady {
  const { next, reason, state } = live.explanation;
  return {
    name: live.service.name.toWellFormed(),
    state,
    reason: reason.toWellFormed(),
    next: next.toWellFormed() || null,
  };
}

/** Returns whether all services that are wanted are ready. */
export function readinessOfAll(board: Board): Readiness {
  if (board.isAsWanted) return READY;
  const astray = board.astray();
  const named = astray.slice(0, MOST_NAMED)
    .flatMap(({ service: { name } }) => board.current(name) ?? []);
  return {
    ready: false,
    notReady: named.length > 0 ? named.map(reasonOf) : [{
      name: "",
      state: "missing",
      reason: "there is no scan directory",
      next: "start `sv scan`",
    }],
    more: astray.length - named.length,
  };
}

/** Returns whether services that are named are ready. One that is down as it shall be is not. */
export function readinessOf(board: Board, names: readonly string[]): Readiness {
  const notReady = names.flatMap((name): NotReady | [] => {
    const live = board.current(name);
    if (live !== undefined) return isReady(live) ? [] : reasonOf(live);
    const [state, reason] = ["missing", "there is no such service in the scan directory"];
    return { name: name.toWellFormed(), state, reason, next: "look for a misspelt name" };
  });
  if (notReady.length === 0) return READY;
  return {
    ready: false,
    notReady: notReady.slice(0, MOST_NAMED),
    more: Math.max(notReady.length - MOST_NAMED, 0),
  };
}

/** Returns the answer as text: a line for each service that is not ready. */
export function readinessText({ more, notReady, ready }: Readiness): string {
  if (ready) return "ok\n";
  const lines = notReady.map(({ name, next, reason, state }) =>
    oneLine(
      `${name === "" ? "" : `${name}: `}${state}: ${reason}${next === null ? "" : `; ${next}`}`,
    )
  );
  if (more > 0) lines.push(`and ${more} more`);
  return `${lines.join("\n")}\n`;
}
