import { effectiveUserId } from "../../os/credentials.ts";
import { peerCredentials } from "../../os/listening_sockets.ts";
import { reasonOf } from "../../os/system_error.ts";
import { type Headers, type Refusal, tokenOf } from "./guard.ts";
import { isSameToken, readToken } from "./token_file.ts";

/** Decides who may change services and read their logs. */
export interface AuthoritySettings {
  /** Users who may, besides root and the user who runs this program; on UNIX sockets only. */
  readonly users: readonly number[];
  /** The file of the token that allows it, if there is one. */
  readonly tokenFile: string | undefined;
}

/** A request, as far as it tells who has sent it. */
export interface Sender {
  readonly headers: Headers;
  /** The descriptor of its connection, where that is a UNIX socket. */
  readonly socket: number | undefined;
  /** The address that it came from, where that is known. */
  readonly address: string | undefined;
}

/** Who has sent a request, in words; or why the request is refused. */
export type Decision = { readonly sender: string } | Refusal;

/** Decides whether a request may change services and read their logs. */
export class Authority {
  readonly #users: ReadonlySet<number>;
  readonly #tokenFile: string | undefined;

  constructor({ tokenFile, users }: AuthoritySettings) {
    this.#users = new Set([0, effectiveUserId(), ...users]);
    this.#tokenFile = tokenFile;
  }

  /** Decides about a request: by its token where it shows one, else by the user who has connected. */
  async decide({ address, headers, socket }: Sender): Promise<Decision> {
    const token = tokenOf(headers);
    if (token !== undefined) {
      if (this.#tokenFile === undefined) {
        return { code: 403, why: "no token is accepted: sv serve --token-file" };
      }
      try {
        // The file is read each time, so that a new token counts at once.
        if (await isSameToken(token, readToken(this.#tokenFile))) {
          return { sender: `the token, from ${address ?? "a UNIX socket"}` };
        }
      } catch (error) {
        return { code: 403, why: reasonOf(error) };
      }
      return { code: 401, why: "that is not the token" };
    }
    if (socket === undefined) {
      return { code: 401, why: "over TCP this needs a token: Authorization: Bearer TOKEN" };
    }
    const peer = peerCredentials(socket);
    if (peer === undefined) {
      return { code: 403, why: "the user of this connection can't be found out" };
    }
    if (this.#users.has(peer.uid)) return { sender: `user ${peer.uid}, process ${peer.pid}` };
    return {
      code: 403,
      why: `user ${peer.uid} may not do this: sv serve --allow-user ${peer.uid}`,
    };
  }
}
