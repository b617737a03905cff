import { reactor } from "../../os/reactor.ts";
import { resolveAddress } from "../../os/resolve_address.ts";
import type { ServiceProcesses } from "../service_processes.ts";
import { formatEndpoint } from "./endpoint.ts";
import { isExpected, parseExpected, SUCCESS } from "./expected_status.ts";
import { failure } from "./failure.ts";
import { endpointOf, httpAsker, type OnStatus } from "./http_status.ts";
import { type OwnerOptions, Ownership, processesLedBy, StrangerError } from "./owner.ts";
import type { ReadinessCheck } from "./readiness_check.ts";
import { answerFrom, tcpAnswer } from "./tcp_answer.ts";

/** How {@linkcode http} judges an answer. */
export interface HttpOptions extends OwnerOptions {
  /**
   * Status codes that count as ready: `204`, `200-399`, `200-299,404`.
   *
   * @default {"200-299"}
   */
  readonly expect?: string;
}

/** Asks by Deno's own client, which knows certificates. */
async function httpsStatus(url: URL, signal: AbortSignal): Promise<number> {
  using _ = reactor().hold();
  const response = await fetch(url, {
    redirect: "manual",
    signal,
    headers: { "user-agent": "sv", connection: "close" },
  });
  await response.body?.cancel();
  return response.status;
}

/**
 * Makes sure that one of a host's addresses on this machine is answered by the service. The client of
 * `https:` does not tell to which it has connected.
 */
export async function verifyHost(
  ownership: Ownership,
  url: URL,
  signal: AbortSignal,
): Promise<void> {
  const endpoint = endpointOf(url);
  let stranger: StrangerError | undefined;
  for (const address of await resolveAddress(endpoint.host, endpoint.port)) {
    try {
      const answer = answerFrom(formatEndpoint(endpoint), address);
      if (await ownership.verify(answer, signal)) return;
    } catch (error) {
      if (!(error instanceof StrangerError)) throw error;
      stranger ??= error;
    }
  }
  if (stranger !== undefined) throw stranger;
}

/**
 * A check that holds when a GET request is answered with the expected status. Redirections are not
 * followed: their status counts.
 *
 * Permissions: `ffi`; for `https:`, `net`.
 *
 * @param url An URL that begins with `http:` or `https:`; it may contain a user and a password.
 * @param options The expected answer, and whose it must be.
 * @throws {TypeError} when the URL or the range of status codes is not valid.
 *
 * @example
 * ```ts
 * import { readiness } from "@sv/supervise";
 *
 * const server = Deno.serve({ port: 0, onListen() {} }, () => new Response(null, { status: 204 }));
 * const check = readiness.http(`http://127.0.0.1:${server.addr.port}/health`, { expect: "200-399" });
 * console.log((await readiness.pollUntilReady(check)).ready); // true
 * await server.shutdown();
 * ```
 */
export function http(url: string | URL, options: HttpOptions = {}): ReadinessCheck {
  return httpOf(processesLedBy(options.owner), url, options.expect);
}

/** As {@linkcode http}; undefined: any process may answer. */
export function httpOf(
  service: ServiceProcesses | undefined,
  url: string | URL,
  expect: string = SUCCESS,
): ReadinessCheck {
  const target = URL.parse(url);
  if (target === null || !["http:", "https:"].includes(target.protocol)) {
    throw new TypeError(`Cannot check ${url}: it is no URL that begins with http: or https:`);
  }
  const expected = parseExpected(expect);
  if (expected === undefined) {
    throw new TypeError(
      `Cannot expect the status ${expect}: it is no range of three digits, like 200-399`,
    );
  }
  // The reasons for failures are printed: they must not contain the password.
  const shown = new URL(target);
  shown.username = shown.password = "";
  const ownership = service && new Ownership(service);
  const secure = target.protocol === "https:";
  const name = formatEndpoint(endpointOf(target));
  const askPlainly = secure ? undefined : httpAsker(target);

  const judge = (signal: AbortSignal): OnStatus<true> => async (status, socket) => {
    if (!isExpected(expected, status)) {
      throw new Error(`${shown.href} answered ${status}, and not ${expect}`);
    }
    if (secure && ownership !== undefined) await verifyHost(ownership, target, signal);
    else await ownership?.verify(tcpAnswer(name, socket), signal);
    return true;
  };
  return async (signal) => {
    try {
      return askPlainly === undefined
        ? await judge(signal)(await httpsStatus(target, signal), -1)
        : await askPlainly(signal, judge(signal));
    } catch (error) {
      signal.throwIfAborted();
      // Where `fetch` fails, its error only says so; the reason is the cause of that error.
      const { cause } = error as Error;
      const reason = failure(cause instanceof Error ? cause : error);
      reason.message = reason.message.replaceAll(target.href, shown.href);
      throw reason;
    }
  };
}
