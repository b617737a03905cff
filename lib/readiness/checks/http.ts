import { reactor } from "../../os/reactor.ts";
import type { ReadinessCheck } from "./readiness_check.ts";
import { isExpected, parseExpected, SUCCESS } from "./expected_status.ts";
import { failure } from "./failure.ts";
import { httpAsker } from "./http_status.ts";

/** How {@linkcode http} judges an answer. */
export interface HttpOptions {
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
 * A check that holds when a GET request is answered with the expected status. Redirections are not
 * followed: their status counts.
 *
 * Permissions: `ffi`; for `https:`, `net`.
 *
 * @param url An URL that begins with `http:` or `https:`; it may contain a user and a password.
 * @param options The expected answer.
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
  const { expect = SUCCESS } = options;
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
  const ask = target.protocol === "https:"
    ? (signal: AbortSignal) => httpsStatus(target, signal)
    : httpAsker(target);
  return async (signal) => {
    let status: number;
    try {
      status = await ask(signal);
    } catch (error) {
      signal.throwIfAborted();
      // Where `fetch` fails, its error only says so; the reason is the cause of that error.
      const { cause } = error as Error;
      const reason = failure(cause instanceof Error ? cause : error);
      reason.message = reason.message.replaceAll(target.href, shown.href);
      throw reason;
    }
    if (isExpected(expected, status)) return true;
    throw new Error(`${shown.href} answered ${status}, and not ${expect}`);
  };
}
