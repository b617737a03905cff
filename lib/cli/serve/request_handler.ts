import type { IncomingMessage, ServerResponse } from "node:http";
import { liveOf } from "../../servicedir/live_of.ts";
import { reasonOf } from "../../os/system_error.ts";
import { VERSION } from "../version.ts";
import { answer, answerJson, answerText, jsonText, refuse } from "./answers.ts";
import type { Authority } from "./authority.ts";
import { changeService } from "./change_service.ts";
import { EventStreams } from "./event_streams.ts";
import { refuseBody, refuseChange, refuseHost, refuseSite } from "./guard.ts";
import { METRICS_TYPE, metricsText } from "./metrics.ts";
import { pageOf } from "./page/page.ts";
import { readinessOf, readinessOfAll, readinessText } from "./probes.ts";
import { type Route, routeOf } from "./routes.ts";
import { type ServiceBoard, serviceJson } from "./service_board.ts";
import { MOST_LINES, readServiceLog } from "./service_logs.ts";
import { UnreadAnswers } from "./unread_answers.ts";

/** How many changes may be under way, and how many logs may be read, at a time. */
const MOST_CHANGES = 8;
const MOST_LOG_READS = 4;

/** How many lines of a log are answered where the request does not say. */
const LINES = 100;

/** Seconds that a change is waited for: where the request does not say, and at most. */
const WAIT = 7;
const LONGEST_WAIT = 300;

/** What is asked of `sv serve` all the time, and has short answers. */
const SHORT: ReadonlySet<Route["to"]> = new Set(["livez", "readyz", "change"]);

/** What requests are answered from. */
export interface Answering {
  readonly board: ServiceBoard;
  readonly authority: Authority;
  /** Names by which this server is known, besides localhost and numbers. */
  readonly hosts: readonly string[];
  /** Tells the administrator what was done. */
  readonly report: (message: string) => void;
}

/** A request, and the connection that it came by. */
export interface Received {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The descriptor of a UNIX socket; undefined where the connection is one of TCP. */
  readonly socket: number | undefined;
  readonly isTcp: boolean;
  /** Gives the answer so many milliseconds; undefined: it has no end. */
  readonly allow: (milliseconds: number | undefined) => void;
}

function whole(text: string | null, otherwise: number, most: number): number | undefined {
  if (text === null) return otherwise;
  return /^\d{1,9}$/.test(text) && Number(text) <= most ? Number(text) : undefined;
}

/** Answers requests. */
export class RequestHandler implements Disposable {
  readonly #answering: Answering;
  readonly #streams: EventStreams;
  readonly #started = Date.now();
  readonly #requests = new Map<number, number>();
  readonly #unread = new UnreadAnswers();
  #changes = 0;
  #logReads = 0;

  constructor(answering: Answering) {
    this.#answering = answering;
    this.#streams = new EventStreams(answering.board, () => jsonText(this.#services()));
  }

  /** Answers a request. */
  handle(received: Received): void {
    const { response } = received;
    const count = () => {
      const code = response.statusCode;
      this.#requests.set(code, (this.#requests.get(code) ?? 0) + 1);
      this.#unread.count(response);
    };
    try {
      const answered = this.#answer(received);
      if (answered === undefined) return count();
      answered.catch((error) => this.#fail(response, error)).then(count);
    } catch (error) {
      this.#fail(response, error);
      count();
    }
  }

  #fail(response: ServerResponse, error: unknown): void {
    if (response.headersSent) response.destroy();
    else refuse(response, 500, reasonOf(error));
  }

  #answer(received: Received): Promise<void> | undefined {
    const { isTcp, request: { headers, method = "", url = "" }, response } = received;
    const refusal = (isTcp ? refuseHost(headers, this.#answering.hosts) : undefined) ??
      refuseSite(headers) ??
      refuseBody(headers);
    if (refusal !== undefined) {
      // What may follow the headers is not read.
      refuse(response, refusal.code, refusal.why, { connection: "close" });
      return;
    }
    const question = url.indexOf("?");
    const route = routeOf(question < 0 ? url : url.slice(0, question));
    if (route === undefined) {
      refuse(
        response,
        404,
        "there is no such place: /livez, /readyz, /services, /events, /metrics",
      );
      return;
    }
    const isChange = route.to === "change";
    if (isChange ? method !== "POST" : method !== "GET" && method !== "HEAD") {
      const allow = isChange ? "POST" : "GET, HEAD";
      refuse(response, 405, `this is for ${allow}`, { allow });
      return;
    }
    if (this.#unread.areTooMany && !SHORT.has(route.to)) {
      refuse(response, 503, "too many answers wait to be read", { "retry-after": "10" });
      return;
    }
    return this.#to(route, received, question < 0 ? "" : url.slice(question + 1));
  }

  #to(route: Route, received: Received, query: string): Promise<void> | undefined {
    const { response } = received;
    switch (route.to) {
      case "livez":
        return void answerText(response, 200, "ok\n");
      case "readyz":
        return void this.#readyz(received, query);
      case "services":
        return void answerJson(response, 200, this.#services());
      case "service":
        return void this.#service(response, route.name);
      case "metrics":
        return void answer(response, 200, METRICS_TYPE, this.#metrics());
      case "events":
        return void this.#events(received);
      case "graph":
      case "startup":
        return this.#rc(response, route.to);
      case "page":
        return this.#page(response);
      case "logs":
        return this.#logs(received, route.name, query);
      case "change":
        return this.#change(received, route, query);
    }
  }

  #readyz({ request, response }: Received, query: string): void {
    const { board } = this.#answering;
    const names = query === ""
      ? []
      : new URLSearchParams(query).getAll("service").flatMap((names) => names.split(",")).filter((
        name,
      ) => name !== "");
    const readiness = names.length === 0 ? readinessOfAll(board) : readinessOf(board, names);
    const code = readiness.ready ? 200 : 503;
    if (request.headers.accept?.includes("application/json")) {
      answerJson(response, code, { ...readiness });
    } else answerText(response, code, readinessText(readiness));
  }

  #services() {
    const { board } = this.#answering;
    return {
      time: new Date().toISOString(),
      services: board.names.flatMap((name) => {
        const live = board.current(name);
        return live === undefined ? [] : serviceJson(live);
      }),
    };
  }

  #service(response: ServerResponse, name: string): void {
    const { board } = this.#answering;
    const live = board.current(name);
    if (live === undefined) return this.#unknown(response, name);
    const restarts = board.restartsOf(name);
    answerJson(response, 200, {
      time: new Date().toISOString(),
      service: { ...serviceJson(live), restarts },
    });
  }

  #unknown(response: ServerResponse, name: string): void {
    refuse(response, 404, `there is no service ${JSON.stringify(name.slice(0, 200))}`);
  }

  #metrics(): string {
    const { board } = this.#answering;
    return metricsText({
      services: board.names.flatMap((name) => board.get(name) ?? []),
      restartsOf: (name) => board.restartsOf(name),
      pollingOf: (name) => board.pollingOf(name),
      version: VERSION,
      started: this.#started,
      requests: this.#requests,
    });
  }

  #events({ allow, request, response }: Received): void {
    if (!this.#streams.hasRoom) {
      return refuse(response, 503, "there are too many readers of events", { "retry-after": "10" });
    }
    if (request.method === "HEAD") return answer(response, 200, "text/event-stream", "");
    allow(undefined);
    response.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    const id = request.headers["last-event-id"];
    this.#streams.add(response, Array.isArray(id) ? id[0] : id);
  }

  /** Decides whether a request may read logs, or change something; refuses it where it may not. */
  async #authorized({ request, response, socket }: Received): Promise<string | undefined> {
    const { headers, socket: { remoteAddress, remotePort } } = request;
    const address = remoteAddress === undefined ? undefined : `${remoteAddress} port ${remotePort}`;
    const decision = await this.#answering.authority.decide({ headers, socket, address });
    if ("sender" in decision) return decision.sender;
    const { code, why } = decision;
    refuse(response, code, why, code === 401 ? { "www-authenticate": 'Bearer realm="sv"' } : {});
    return undefined;
  }

  async #logs(received: Received, name: string, query: string): Promise<void> {
    const { response } = received;
    if (await this.#authorized(received) === undefined) return;
    const live = this.#answering.board.get(name);
    if (live === undefined) return this.#unknown(response, name);
    const most = whole(new URLSearchParams(query).get("lines"), LINES, MOST_LINES);
    if (most === undefined) return refuse(response, 400, `lines is a number up to ${MOST_LINES}`);
    if (this.#logReads >= MOST_LOG_READS) {
      return refuse(response, 503, "other logs are being read", { "retry-after": "1" });
    }
    this.#logReads++;
    try {
      const log = await readServiceLog(live.service.dir, most);
      if (log === undefined) {
        refuse(
          response,
          404,
          "its log can't be found: it has no logger that is up, and prints to no file",
        );
      } else answerJson(response, 200, { name, ...log });
    } finally {
      this.#logReads--;
    }
  }

  async #change(
    received: Received,
    route: Extract<Route, { to: "change" }>,
    query: string,
  ): Promise<void> {
    const { allow, request: { headers }, response } = received;
    const { board, report } = this.#answering;
    const { name, verb } = route;
    const refusal = refuseChange(headers);
    if (refusal !== undefined) {
      return refuse(response, refusal.code, refusal.why, { connection: "close" });
    }
    const sender = await this.#authorized(received);
    if (sender === undefined) return;
    const live = board.get(name);
    if (live === undefined) return this.#unknown(response, name);
    const wait = whole(new URLSearchParams(query).get("wait"), WAIT, LONGEST_WAIT);
    if (wait === undefined) {
      return refuse(response, 400, `wait is a number of seconds up to ${LONGEST_WAIT}`);
    }
    if (this.#changes >= MOST_CHANGES) {
      return refuse(response, 503, "other changes are under way", { "retry-after": "1" });
    }
    report(`${verb} ${JSON.stringify(name)}, asked for by ${sender}`);
    allow((wait + 60) * 1000);
    this.#changes++;
    try {
      const { done, lines, timedOut } = await changeService(verb, live.service.dir, wait);
      const now = board.current(name);
      answerJson(response, done ? 200 : timedOut ? 504 : 409, {
        name,
        verb,
        done,
        lines,
        service: now === undefined ? null : serviceJson(now),
      });
    } finally {
      this.#changes--;
    }
  }

  /** Returns the live directory of `sv rc` that services of the scan directory are in. */
  #liveDirectory(): string | undefined {
    const { board } = this.#answering;
    for (const name of board.names) {
      const place = liveOf(board.get(name)!.service.dir);
      if (place !== undefined) return place.live;
    }
    return undefined;
  }

  async #rc(response: ServerResponse, what: "graph" | "startup"): Promise<void> {
    const live = this.#liveDirectory();
    if (live === undefined) return answerJson(response, 200, { live: null, services: [] });
    const { graphOf, lastStartOf } = await import("./rc_views.ts");
    answerJson(response, 200, what === "graph" ? graphOf(live) : lastStartOf(live));
  }

  async #page(response: ServerResponse): Promise<void> {
    const { policy, text } = await pageOf();
    answer(response, 200, "text/html; charset=utf-8", text, {
      "content-security-policy": policy,
      "referrer-policy": "no-referrer",
      "x-frame-options": "DENY",
    });
  }

  [Symbol.dispose](): void {
    this.#streams[Symbol.dispose]();
  }
}
