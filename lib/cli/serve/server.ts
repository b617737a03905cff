/**
 * The server itself: Deno's `node:http`, which other than `Deno.serve` limits the number of connections, and tells
 * the descriptor of each, from which the kernel tells the user at its other end.
 *
 * @module
 */

import type { createServer, IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { CWD } from "../../os/file.ts";
import { tryStat } from "../../os/file_status.ts";
import { unlink } from "../../os/path.ts";
import { withUmask } from "../../os/umask.ts";
import { ExitCode, Failure } from "../command.ts";
import { type Address, addressText } from "./addresses.ts";
import { Deadlines } from "./deadlines.ts";
import type { Received } from "./request_handler.ts";

/** The bytes that the headers of a request may have. */
const LONGEST_HEADERS = 8192;

/**
 * How many requests may be sent before the answer to the first is read. Node parses all that one read has brought, so
 * without a limit a client could have thousands of answers made that it never reads.
 */
const MOST_AHEAD = 16;

/** How much a server puts up with. */
export interface ServerLimits {
  /** How many connections there may be at a time. */
  readonly connections: number;
  /** Milliseconds from a connection to the end of its first request. */
  readonly firstRequest: number;
  /** Milliseconds from a request to the end of the next. */
  readonly nextRequest: number;
}

const LIMITS: ServerLimits = {
  connections: 256,
  firstRequest: 10_000,
  nextRequest: 75_000,
};

/** Node looks for slow requests as often as this; here, deadlines do that, which wake up nothing in vain. */
const NEVER = 0x7fff_ffff;

/** How to listen. */
export interface Listening {
  readonly address: Address;
  /** The mode of a UNIX socket. */
  readonly mode: number;
  /** Answers a request. */
  readonly handle: (received: Received) => void;
  readonly limits?: ServerLimits;
}

/** The clock by which slow connections are ended. */
const CLOCK = {
  now: () => performance.now(),
  after(milliseconds: number, call: () => void): Disposable {
    const timer = setTimeout(call, milliseconds);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};

/** Returns the descriptor of a connection; undefined where Deno does not tell it. */
function descriptorOf(socket: Socket): number | undefined {
  const { fd } = (socket as { _handle?: { fd?: unknown } })._handle ?? {};
  return typeof fd === "number" && fd >= 0 ? fd : undefined;
}

/** Takes connections at one address, and ends those that are slow. */
export class HttpServer implements Disposable {
  readonly #address: Address;
  readonly #server: Server;
  readonly #deadlines = new Deadlines<Socket>(CLOCK, (socket) => socket.destroy());
  /** How many requests of each connection have no answer yet. */
  readonly #unanswered = new WeakMap<Socket, number>();
  /** The socket file that was made, so that no other one is removed. */
  #identity: string | undefined;

  private constructor(
    create: typeof createServer,
    { address, handle, limits = LIMITS }: Listening,
  ) {
    this.#address = address;
    this.#server = create({
      maxHeaderSize: LONGEST_HEADERS,
      connectionsCheckingInterval: NEVER,
      headersTimeout: 0,
      requestTimeout: 0,
      keepAliveTimeout: 0,
    });
    this.#server.maxConnections = limits.connections;
    this.#server.on("connection", (socket: Socket) => {
      this.#deadlines.set(socket, limits.firstRequest);
      socket.on("close", () => this.#deadlines.clear(socket));
    });
    const isTcp = address.transport === "tcp";
    this.#server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      const { socket } = request;
      // What came in the same read as the request for which the connection was ended.
      if (socket.destroyed) return;
      const ahead = (this.#unanswered.get(socket) ?? 0) + 1;
      if (ahead > MOST_AHEAD) return void socket.destroy();
      this.#unanswered.set(socket, ahead);
      response.on("close", () => this.#unanswered.set(socket, this.#unanswered.get(socket)! - 1));
      const allow = (milliseconds: number | undefined) => {
        if (milliseconds === undefined) this.#deadlines.clear(socket);
        else this.#deadlines.set(socket, milliseconds);
      };
      allow(limits.nextRequest);
      handle({ request, response, isTcp, socket: isTcp ? undefined : descriptorOf(socket), allow });
    });
  }

  /**
   * Begins to listen.
   *
   * @throws {Failure} when that is impossible.
   */
  static async listen(listening: Listening): Promise<HttpServer> {
    const { address, mode } = listening;
    // A bundle imports nothing when it is loaded: see scripts/pack/loadable.ts.
    const { createServer } = await import("node:http");
    const made = new HttpServer(createServer, listening);
    const listens = Promise.withResolvers<void>();
    made.#server.once("error", listens.reject);
    made.#server.once("listening", listens.resolve);
    try {
      if (address.transport === "tcp") made.#server.listen(address.port, address.hostname);
      else {
        await makeRoom(address.path);
        withUmask(0o777 & ~mode, () => made.#server.listen(address.path));
      }
      await listens.promise;
    } catch (error) {
      if (error instanceof Failure) throw error;
      throw new Failure(
        `cannot listen on ${addressText(address)}: ${(error as Error).message}`,
        ExitCode.systemCall,
      );
    }
    made.#server.on("error", () => {});
    if (address.transport === "unix") made.#identity = tryStat(CWD, address.path, false)?.identity;
    return made;
  }

  /** The address; the port that the kernel has chosen where 0 was asked for. */
  get address(): string {
    const bound = this.#server.address();
    return bound !== null && typeof bound === "object" && this.#address.transport === "tcp"
      ? addressText({ ...this.#address, port: bound.port })
      : addressText(this.#address);
  }

  [Symbol.dispose](): void {
    this.#deadlines[Symbol.dispose]();
    this.#server.closeAllConnections();
    this.#server.close();
    if (this.#address.transport !== "unix") return;
    const { path } = this.#address;
    if (this.#identity !== undefined && tryStat(CWD, path, false)?.identity === this.#identity) {
      unlink(CWD, path);
    }
  }
}

/** The bits of a mode by which others than the owner may change a directory, and that by which they may not. */
const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/** Removes a socket that an earlier process has left; refuses a place where another user could put one. */
async function makeRoom(path: string): Promise<void> {
  const parent = path.slice(0, path.lastIndexOf("/")) || "/";
  const directory = tryStat(CWD, parent);
  const wrong = (what: string) =>
    new Failure(`cannot listen on unix:${path}: ${what}`, ExitCode.usage);
  if (directory === undefined) throw wrong(`there is no directory ${parent}`);
  if ((directory.mode & WRITABLE_BY_OTHERS) !== 0 && (directory.mode & STICKY) === 0) {
    throw wrong(
      `others may write to the directory ${parent}, and could put their own socket there`,
    );
  }
  const there = tryStat(CWD, path, false);
  if (there === undefined) return;
  if (there.type !== "socket") throw wrong("the file there is no socket");
  const isServed = await Deno.connect({ transport: "unix", path }).then((connection) => {
    connection.close();
    return true;
  }, (error) => !(error instanceof Deno.errors.ConnectionRefused));
  if (isServed) throw wrong("another process listens there");
  unlink(CWD, path);
}
