/** An answer to an HTTP request. */
export interface HttpAnswer {
  readonly code: number;
  /** Status line and headers. */
  readonly head: string;
  readonly body: string;
}

/** A connection to a server, whose bytes the test writes itself. */
export class RawConnection implements Disposable {
  readonly #connection: Deno.Conn;
  #text = "";
  #ended = false;
  #closed = false;

  private constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** Connects to the path of a socket, or to a port of 127.0.0.1. */
  static async to(server: string | number): Promise<RawConnection> {
    return new RawConnection(
      typeof server === "string"
        ? await Deno.connect({ transport: "unix", path: server })
        : await Deno.connect({ hostname: "127.0.0.1", port: server }),
    );
  }

  /** Sends text. */
  async send(text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    for (let sent = 0; sent < bytes.length;) {
      sent += await this.#connection.write(bytes.subarray(sent));
    }
  }

  /** Reads until what has come fulfils a condition, or the connection has ended; all that has come. */
  async read(enough: (text: string) => boolean = () => false): Promise<string> {
    const buffer = new Uint8Array(65_536);
    const decoder = new TextDecoder();
    while (!this.#ended && !enough(this.#text)) {
      const count = await this.#connection.read(buffer).catch(() => null);
      if (count === null) this.#ended = true;
      else this.#text += decoder.decode(buffer.subarray(0, count), { stream: true });
    }
    return this.#text;
  }

  /** Whether the server has ended the connection, as far as it was read. */
  get ended(): boolean {
    return this.#ended;
  }

  [Symbol.dispose](): void {
    if (!this.#closed) this.#connection.close();
    this.#closed = true;
  }
}

/**
 * Asks a server on a connection of its own.
 *
 * @param server The path of its socket, or its port on 127.0.0.1.
 * @param line The method and the place: `GET /readyz`.
 * @param headers Lines of headers; default: a Host that is accepted.
 */
export async function ask(
  server: string | number,
  line: string,
  headers: readonly string[] = ["Host: localhost"],
): Promise<HttpAnswer> {
  using connection = await RawConnection.to(server);
  await connection.send(
    `${line} HTTP/1.1\r\n${[...headers, "Connection: close"].join("\r\n")}\r\n\r\n`,
  );
  const text = await connection.read();
  const end = text.indexOf("\r\n\r\n");
  const head = end < 0 ? text : text.slice(0, end);
  return {
    code: Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? 0),
    head,
    body: end < 0 ? "" : text.slice(end + 4),
  };
}
