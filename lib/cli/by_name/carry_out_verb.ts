import { CWD } from "../../os/file.ts";
import { Access, accessErrno } from "../../os/path.ts";
import { reasonOf } from "../../os/system_error.ts";
import { control } from "../../servicedir/control.ts";
import { isSupervised } from "../../servicedir/is_supervised.ts";
import { byteOf, ControlCommand, ServiceEvent, ServicePath } from "../../servicedir/protocol.ts";
import { isUp, readStatus, type ServiceStatus } from "../../servicedir/status.ts";
import { timeLeft, type Wait } from "../../waiting/wait.ts";
import { waitBlocking } from "../../waiting/wait_blocking.ts";
import { ServicesWait } from "../../waiting/wait_state.ts";
import { WatchedServices } from "../../waiting/watched_services.ts";
import type { NamedService } from "../status/service_names.ts";
import { liveOf } from "../../servicedir/live_of.ts";
import type { RcPart } from "./through_rc.ts";
import { reportEnd, type VerbEnd } from "./verb_end.ts";
import { awaitedFor, type Verb, VERBS } from "./verbs.ts";

/** How long runit sleeps between two runs of `check`, in milliseconds. */
const BETWEEN_CHECKS = 420;

/** How verbs are carried out. */
export interface VerbOptions {
  /** Whether to wait for what they bring about. */
  readonly waits: boolean;
  /** Until when, on the monotonic clock in milliseconds. */
  readonly deadline: number;
  /** Prints a line. */
  readonly say: (line: string) => void;
}

/** Waits until the supervisor of a service has ended. */
class SupervisorsEnd implements Wait {
  done = false;
  receive(_index: number, events: Iterable<number>): void {
    for (const event of events) {
      if (event === byteOf(ServiceEvent.unsupervised)) this.done = true;
    }
  }
}

/** Waits until the first supervisor of a service has started. */
class SupervisorsStart implements Wait {
  done = false;
  receive(_index: number, events: Iterable<number>): void {
    for (const event of events) {
      if (event === byteOf(ServiceEvent.supervised)) this.done = true;
    }
  }
}

/** Whether a verb brings a service up: such a verb waits for a supervisor, where none is running. */
const bringsUp = ({ goal, onlyRunning = false }: Verb): boolean =>
  !onlyRunning && (goal === "up" || goal === "restarted" || goal === "wanted");

/** Whether a service can say that it is ready. */
function notifies(dir: string): boolean {
  return [ServicePath.notificationFd, ServicePath.polling]
    .some((file) => accessErrno(CWD, `${dir}/${file}`, Access.EXISTS) === 0);
}

function isServiceDirectory(dir: string): boolean {
  return accessErrno(CWD, `${dir}/${ServicePath.run}`, Access.EXISTS) === 0;
}

/** Carries out a verb on one service. */
class VerbOnService implements Disposable {
  readonly #service: NamedService;
  readonly #verb: Verb;
  readonly #watched: WatchedServices | undefined;
  /** Set while the service has no supervisor, and one is waited for. */
  #supervisor: SupervisorsStart | undefined;
  #wait: Wait | undefined;
  #servicesWait: ServicesWait | undefined;
  #end: VerbEnd | undefined;
  #why = "";

  /** Sends what the verb sends, and listens before that where it will be waited for. */
  constructor(service: NamedService, verb: Verb, waits: boolean) {
    this.#service = service;
    this.#verb = verb;
    const { dir } = service;
    try {
      const wasSupervised = isSupervised(dir);
      const patient = !wasSupervised && waits && bringsUp(verb) && isServiceDirectory(dir);
      if (!wasSupervised && !patient) {
        this.#end = verb.goal === "unsupervised" ? "ok" : "fail";
        return;
      }
      this.#watched = new WatchedServices([dir], { patient });
      const status = this.#watched.statuses[0];
      // A supervisor that has no status yet sends the event of its start when it has written one.
      if (status === undefined || (patient && !isSupervised(dir))) {
        this.#supervisor = new SupervisorsStart();
        return;
      }
      if (patient) {
        this.#begin();
        return;
      }
      if (verb.onlyRunning && !isUp(status)) return;
      if (waits) this.#await(status);
      if (verb.sends.length > 0) control(dir, ...verb.sends);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#end = "fail";
    this.#why = reasonOf(error);
  }

  /** Carries the verb out on a service whose supervisor has just started. */
  #begin(): void {
    const { dir } = this.#service;
    const { goal, sends } = this.#verb;
    this.#await(readStatus(dir), goal === "restarted" ? "up" : goal);
    // It has been started anew in any case.
    if (sends.length > 0) control(dir, goal === "restarted" ? ControlCommand.up : sends[0]!);
  }

  #await(status: ServiceStatus, goal = this.#verb.goal): void {
    if (goal === undefined) return;
    const { dir } = this.#service;
    const before = { up: isUp(status), wantUp: status.wantUp, notifies: notifies(dir) };
    const state = awaitedFor(goal, before);
    this.#watched!.watchSupervisors();
    if (state === undefined) this.#wait = new SupervisorsEnd();
    else {
      this.#wait = this.#servicesWait = new ServicesWait({ downMeansFinished: true });
      this.#servicesWait.add(status, state);
    }
  }

  /** Whether it is known how it ended. */
  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Waits for what the verb brings about. */
  async finish({ deadline }: VerbOptions): Promise<void> {
    const { dir } = this.#service;
    if (this.#supervisor !== undefined) {
      if (!waitBlocking(...this.#watched!.watched(this.#supervisor), deadline)) {
        this.#end = "timeout";
        return;
      }
      try {
        this.#begin();
      } catch (error) {
        return this.#fail(error);
      }
    }
    if (this.#wait === undefined) return;
    const reached = waitBlocking(...this.#watched!.watched(this.#wait), deadline);
    if (this.#servicesWait?.failed.length) this.#end = "fail";
    else if (reached && await checks(dir, this.#verb, deadline)) this.#end = "ok";
    else this.#end = this.#verb.force ? "kill" : "timeout";
  }

  /** Prints how it ended. Returns whether it was done. */
  async report({ say, waits }: VerbOptions): Promise<boolean> {
    const { dir } = this.#service;
    if (this.#end === undefined && !waits) return true;
    const end = this.#end ?? "ok";
    const isDone = await reportEnd(this.#service, end, this.#why, say);
    if (end === "kill") control(dir, ControlCommand.kill);
    return isDone;
  }

  [Symbol.dispose](): void {
    this.#watched?.[Symbol.dispose]();
  }
}

/**
 * Carries a verb out on services, on those of `sv rc` with what they need or what needs them.
 *
 * @param verb The verb.
 * @param services The services.
 * @param options Whether and how long to wait, and where the lines go.
 * @returns For how many services it was not done.
 */
export async function carryOutVerb(
  verb: Verb,
  services: readonly NamedService[],
  options: VerbOptions,
): Promise<number> {
  const places = verb.throughRc ? services.map(({ dir }) => liveOf(dir)) : [];
  if (places.every((place) => place === undefined)) return await verbAlone(verb, services, options);
  const { throughRc } = await import("./through_rc.ts");
  const parts = new Map<number, RcPart>();
  for (const [live, indices] of Map.groupBy(places.keys(), (index) => places[index]?.live)) {
    if (live === undefined) continue;
    const members = indices.map((index) => ({
      service: services[index]!,
      name: places[index]!.name,
    }));
    const ended = await throughRc(verb, live, members, options.deadline);
    indices.forEach((index, at) => parts.set(index, ended[at]!));
  }
  let failures = 0;
  for (const [index, service] of services.entries()) {
    const { end, isRestarted, why } = parts.get(index) ?? { end: "done", isRestarted: false };
    // The supervisor is told in any case: it may have been told otherwise alone since `sv rc` was.
    const rest = isRestarted ? VERBS["start"]! : verb;
    if (end === "done") failures += await verbAlone(rest, [service], options);
    else if (!await reportEnd(service, verb.force ? "kill" : end, why ?? "", options.say)) {
      failures++;
    }
  }
  return failures;
}

/**
 * Sends what a verb sends to all services, and waits for what it brings about.
 *
 * @param verb The verb.
 * @param services The services.
 * @param options Whether and how long to wait, and where the lines go.
 * @returns For how many services it was not done.
 */
async function verbAlone(
  verb: Verb,
  services: readonly NamedService[],
  options: VerbOptions,
): Promise<number> {
  using stack = new DisposableStack();
  let failures = 0;
  const under: VerbOnService[] = [];
  for (const service of services) {
    const one = stack.use(new VerbOnService(service, verb, options.waits));
    if (!one.hasEnded) under.push(one);
    else if (!await one.report(options)) failures++;
  }
  for (const one of under) {
    await one.finish(options);
    if (!await one.report(options)) failures++;
  }
  return failures;
}

/** Runs the script `check` of a service, which runit's `sv` looks for, until it exits 0. */
async function checks(dir: string, { goal }: Verb, deadline: number): Promise<boolean> {
  if (goal !== "up" && goal !== "restarted" && goal !== "wanted") return true;
  if (accessErrno(CWD, `${dir}/check`, Access.EXECUTE) !== 0 || !isUp(readStatus(dir))) return true;
  for (;;) {
    const left = timeLeft(deadline);
    if (left <= 0) return false;
    const signal = AbortSignal.timeout(Math.ceil(left));
    const check = new Deno.Command("./check", { cwd: dir, stdin: "null", signal });
    if ((await check.spawn().status).code === 0) return true;
    await new Promise((wake) => setTimeout(wake, Math.min(BETWEEN_CHECKS, timeLeft(deadline))));
  }
}
