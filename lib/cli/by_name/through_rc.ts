import { list } from "../../explain/words.ts";
import { monotonicClock, wallClock } from "../../os/clock.ts";
import { CWD, Descriptor, Open, open } from "../../os/file.ts";
import { waitLockElsewhere } from "../../os/lock.ts";
import type { Live } from "../../rc/live/live.ts";
import { plansFor, restartPlans } from "../../rc/transition/plans_for.ts";
import { control } from "../../servicedir/control.ts";
import { ControlCommand } from "../../servicedir/protocol.ts";
import { isUp, readStatus } from "../../servicedir/status.ts";
import { timeLeft } from "../../waiting/wait.ts";
import { say } from "../output.ts";
import { carryOut } from "../rc/carry_out.ts";
import { changeLive, RcExit } from "../rc/rc_live.ts";
import { essentialsInWay } from "../rc/restart.ts";
import type { NamedService } from "../status/service_names.ts";
import { reasonOf } from "../../os/system_error.ts";
import type { Verb } from "./verbs.ts";

/** A service that was named, and its name in the live directory. */
export interface RcService {
  readonly service: NamedService;
  readonly name: string;
}

/** How the part of `sv rc` ended for a service. */
export interface RcPart {
  /** Whether the service is as the verb wants it, as far as its dependencies go. */
  readonly end: "done" | "timeout" | "fail";
  /** Why it failed, where the explanation of the service does not tell. */
  readonly why: string;
  /** Whether it was restarted: then the verb needs only start it. */
  readonly isRestarted: boolean;
}

/** Waits until no other command changes a live directory. Returns false where that takes too long. */
async function awaitLock(live: string, deadline: number): Promise<boolean> {
  using lock = new Descriptor(open(CWD, `${live}/lock`, Open.READ | Open.NONBLOCK));
  const late = Promise.withResolvers<false>();
  const timer = setTimeout(() => late.resolve(false), Math.max(timeLeft(deadline), 0));
  const free = await Promise.race([
    waitLockElsewhere(lock.fd, "shared").then(() => true),
    late.promise,
  ]);
  clearTimeout(timer);
  return free;
}

/** Opens a live directory for a change; waits for other commands until the deadline. */
async function openLive(live: string, deadline: number): Promise<Live> {
  for (;;) {
    try {
      return await changeLive({ live, block: false });
    } catch (error) {
      if (!/another command is at work/.test(reasonOf(error))) throw error;
      if (timeLeft(deadline) <= 0 || !await awaitLock(live, deadline)) throw error;
    }
  }
}

function statusOf(dir: string) {
  try {
    return readStatus(dir);
  } catch {
    return undefined;
  }
}

/** Says which others are changed, too. */
function sayOthers(
  live: Live,
  services: readonly RcService[],
  others: readonly number[],
  words: string,
): void {
  if (others.length === 0) return;
  const named = list(services.map(({ service }) => service.name));
  const names = others.map((node) => live.graph.nodes[node]!.definition.name).sort();
  const [are, them, their] = services.length === 1 ? ["is", "it", "its"] : ["are", "them", "their"];
  say(
    `${named} ${are} in the live directory ${live.path}: ${
      words.replace(/\bits\b/, their!).replace(/\bit\b/g, them!)
    }: ${list(names, 20)}`,
  );
}

/**
 * Carries a verb out on services of one live directory with what they need, or with what needs them.
 *
 * @param verb The verb.
 * @param path The live directory.
 * @param services The services.
 * @param deadline When to give up.
 * @returns How that ended, for each of them.
 */
export async function throughRc(
  verb: Verb,
  path: string,
  services: readonly RcService[],
  deadline: number,
): Promise<RcPart[]> {
  try {
    using live = await openLive(path, deadline);
    return await new VerbThroughRc(live, verb, services, deadline).run();
  } catch (error) {
    const why = reasonOf(error);
    return services.map(() => ({ end: "fail", why, isRestarted: false }));
  }
}

class VerbThroughRc {
  readonly #live: Live;
  readonly #verb: Verb;
  readonly #services: readonly RcService[];
  readonly #deadline: number;

  constructor(live: Live, verb: Verb, services: readonly RcService[], deadline: number) {
    this.#live = live;
    this.#verb = verb;
    this.#services = services;
    this.#deadline = deadline;
  }

  async run(): Promise<RcPart[]> {
    const live = this.#live;
    const { graph } = live;
    const begun = wallClock();
    const nodes = this.#services.map(({ name, service }) => {
      const node = graph.find(name)?.index;
      const status = this.#verb.onlyRunning ? statusOf(service.dir) : undefined;
      return this.#verb.onlyRunning && !(status && isUp(status)) ? undefined : node;
    });
    const selection = new Set(nodes.filter((node) => node !== undefined));
    const isRestart = this.#verb.goal === "restarted";
    const code = selection.size === 0 ? RcExit.success : await this.#change(selection);
    return this.#services.map(({ service }, index): RcPart => {
      const node = nodes[index];
      // What is not defined any more, or need not be restarted, is left to its supervisor.
      if (node === undefined) return { end: "done", why: "", isRestarted: false };
      const status = statusOf(service.dir);
      const isRestarted = isRestart && status !== undefined && isUp(status) && status.stamp > begun;
      const isThere = isRestart
        ? isRestarted
        : live.standing(node) === (this.#verb.goal === "down" ? undefined : "up");
      if (isThere) return { end: "done", why: "", isRestarted };
      return { end: code === RcExit.timedOut ? "timeout" : "fail", why: "", isRestarted: false };
    });
  }

  async #change(selection: ReadonlySet<number>): Promise<number> {
    const live = this.#live;
    const { graph, certainlyUp, certainlyDown } = live;
    const others = (closure: ReadonlySet<number>, there: ReadonlySet<number>) =>
      [...closure].filter((node) => !selection.has(node) && !there.has(node));
    const options = {
      verbosity: 1,
      timeout: Math.max(Math.round(this.#deadline - monotonicClock()), 1),
      dryRun: undefined,
      isExplained: false,
      goesOn: true,
    };
    let plans;
    if (this.#verb.goal === "up") {
      const needed = others(graph.closure(selection, "up"), certainlyUp);
      sayOthers(live, this.#services, needed, "starting it with its dependencies");
      const request = { selection, direction: "up", prune: false, force: false } as const;
      // A service that was given up and is named is started again: its supervisor is told afterwards.
      plans = plansFor(live, { ...request, revived: selection });
    } else if (this.#verb.goal === "down") {
      const dependent = others(graph.closure(selection, "down"), certainlyDown);
      sayOthers(live, this.#services, dependent, "stopping it with what depends on it");
      const request = { selection, direction: "down", prune: false, force: false } as const;
      plans = plansFor(live, request);
    } else {
      const essentials = essentialsInWay(live, selection);
      if (essentials.length > 0) {
        throw new Error(`that would stop what is marked as essential: ${list(essentials)}`);
      }
      const dependent = others(graph.closure(selection, "down"), certainlyDown);
      sayOthers(live, this.#services, dependent, "restarting it with what depends on it");
      plans = restartPlans(live, selection, false);
    }
    const code = await carryOut(live, plans, options);
    if (code === RcExit.timedOut && this.#verb.force) this.#kill(selection);
    return code;
  }

  /** Kills what has not gone up or down in time. */
  #kill(selection: ReadonlySet<number>): void {
    const { graph } = this.#live;
    for (const node of graph.closure(selection, "down")) {
      const { name, type } = graph.nodes[node]!.definition;
      const standing = this.#live.standing(node);
      if (type !== "longrun" || standing === undefined || standing === "up") continue;
      try {
        control(this.#live.serviceDirectory(name), ControlCommand.kill);
      } catch {
        // It has no supervisor.
      }
    }
  }
}
