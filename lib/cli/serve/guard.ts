/**
 * Which requests are refused for where they come from. Pure.
 *
 * A browser sends requests for any page that it shows. It tells in their headers which page that was, and the name
 * by which it found this server: neither can be forged by a page.
 *
 * @module
 */

import { isIpAddress } from "./addresses.ts";

/** The headers that are looked at. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Why a request is refused. */
export interface Refusal {
  readonly code: number;
  readonly why: string;
}

function valueOf(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/**
 * Refuses a request that was sent to another name: a page whose name leads to this machine (DNS rebinding) counts
 * for a browser as of the same origin. Numbers are no such name, and nobody else's page has the name localhost.
 *
 * @param headers Its headers.
 * @param names Other names by which this server is known.
 */
export function refuseHost(headers: Headers, names: readonly string[]): Refusal | undefined {
  const host = valueOf(headers, "host")?.replace(/:\d*$/, "").replace(/\.$/, "").toLowerCase();
  if (host !== undefined && (host === "localhost" || isIpAddress(host) || names.includes(host))) {
    return undefined;
  }
  return {
    code: 421,
    why: `this server is not known as ${host ?? "nothing"}; sv serve --host NAME adds a name`,
  };
}

/** Refuses a request that a page of another site has caused, unless it only leads here. */
export function refuseSite(headers: Headers): Refusal | undefined {
  const site = valueOf(headers, "sec-fetch-site");
  if (site === undefined || site === "same-origin" || site === "none") return undefined;
  if (
    valueOf(headers, "sec-fetch-mode") === "navigate" &&
    valueOf(headers, "sec-fetch-dest") === "document"
  ) {
    return undefined;
  }
  return { code: 403, why: "a page of another site has asked for this" };
}

/** Refuses a request that has a body: none of them needs one. */
export function refuseBody(headers: Headers): Refusal | undefined {
  const length = valueOf(headers, "content-length");
  const hasBody = valueOf(headers, "transfer-encoding") !== undefined ||
    (length !== undefined && length !== "0");
  return hasBody ? { code: 413, why: "a request has no body here" } : undefined;
}

/** Refuses a change that a page of another site has asked for. */
export function refuseChange(headers: Headers): Refusal | undefined {
  const site = valueOf(headers, "sec-fetch-site");
  if (site !== undefined && site !== "same-origin" && site !== "none") {
    return { code: 403, why: "a page of another site has asked for this" };
  }
  const origin = valueOf(headers, "origin");
  const host = valueOf(headers, "host");
  if (origin !== undefined && origin.replace(/^https?:\/\//, "") !== host) {
    return { code: 403, why: `a page of ${origin} has asked for this` };
  }
  const type = valueOf(headers, "content-type");
  if (type !== undefined && !/^application\/json\s*(;|$)/i.test(type)) {
    return { code: 415, why: "the content type of a change is application/json" };
  }
  return undefined;
}

/** Returns the token that a request shows; undefined where it shows none. */
export function tokenOf(headers: Headers): string | undefined {
  return /^Bearer +(\S+)$/i.exec(valueOf(headers, "authorization") ?? "")?.[1];
}
