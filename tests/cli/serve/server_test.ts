/** Clients that mean harm: slow ones, endless ones, too many of them. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { HttpServer, type ServerLimits } from "../../../lib/cli/serve/server.ts";
import { Failure } from "../../../lib/cli/command.ts";
import { DEADLINE } from "../../support/deadline.ts";
import { ask, RawConnection } from "../../support/http.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { until } from "../../support/until.ts";
import { within } from "../../support/within.ts";

/** Only a test that is about a time limit has a shorter one. */
const LIMITS: ServerLimits = {
  connections: 3,
  firstRequest: DEADLINE,
  nextRequest: DEADLINE,
};

/** Runs a test with a server on a socket whose answers are `xxx`. */
async function serving(
  use: (path: string, server: HttpServer) => Promise<void>,
  limits: Partial<ServerLimits> = {},
): Promise<void> {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/sock`;
  using server = await HttpServer.listen({
    address: { transport: "unix", path },
    mode: 0o600,
    limits: { ...LIMITS, ...limits },
    handle: ({ response }) => response.end("xxx"),
  });
  await use(path, server);
}

const REQUEST = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

Deno.test("who connects and sends nothing, or one byte after the other, is cut off", async () => {
  await serving(async (path) => {
    using silent = await RawConnection.to(path);
    using slow = await RawConnection.to(path);
    let isOver = false;
    const drip = (async () => {
      await slow.send("GET / HTTP/1.1\r\nHost: x\r\nX: ");
      for (; !isOver; await new Promise((wake) => setTimeout(wake, 20))) {
        await slow.send("x").catch(() => isOver = true);
      }
    })();
    const [one, two] = await within(Promise.all([silent.read(), slow.read()]), "the end of both");
    isOver = true;
    await drip;
    assertEquals([one, two], ["", ""]);
  }, { firstRequest: 300 });
});

Deno.test("a kept connection ends when no other request comes", async () => {
  await serving(async (path) => {
    using kept = await RawConnection.to(path);
    // At once, so that the second one does not come too late.
    await kept.send(REQUEST.repeat(2));
    const all = await within(kept.read(), "the end of the connection");
    assertMatch(all, /^HTTP\/1\.1 200 /);
    assertEquals(all.match(/xxx/g)?.length, 2);
  }, { nextRequest: 300 });
});

Deno.test("some requests may be sent before the first answer is read", async () => {
  await serving(async (path) => {
    using eager = await RawConnection.to(path);
    await eager.send(REQUEST.repeat(10));
    const ten = (text: string) => text.match(/xxx/g)?.length === 10;
    await within(eager.read(ten), "ten answers");
    await eager.send(REQUEST.repeat(10));
    await within(eager.read((text) => text.match(/xxx/g)?.length === 20), "ten more");
  });
});

Deno.test("one connection too many is closed, and the others are answered", async () => {
  await serving(async (path) => {
    using stack = new DisposableStack();
    const first: RawConnection[] = [];
    for (let count = 0; count < 3; count++) {
      const connection = stack.use(await RawConnection.to(path));
      await connection.send(REQUEST);
      await within(connection.read((text) => text.endsWith("xxx")), "an answer");
      first.push(connection);
    }
    using tooMany = await RawConnection.to(path);
    await tooMany.send(REQUEST).catch(() => {});
    assertEquals(await within(tooMany.read(), "the end of it"), "");
    await first[0]!.send(REQUEST);
    await within(first[0]!.read((text) => text.match(/xxx/g)?.length === 2), "an answer");
    first[1]![Symbol.dispose]();
    await until(
      async () => (await ask(path, "GET /").catch(() => undefined))?.code === 200,
      "room for another",
    );
  });
});

Deno.test("headers that are too long are refused", async () => {
  await serving(async (path) => {
    const { code } = await ask(path, "GET /", [`X: ${"x".repeat(20_000)}`]);
    assertEquals(code, 431);
    assertEquals((await ask(path, `GET /${"x".repeat(20_000)}`)).code, 431);
    assertEquals((await ask(path, "this is no request")).code, 400);
    assertEquals((await ask(path, "GET /")).code, 200);
  });
});

Deno.test("who asks without end and reads nothing is cut off before many answers are made", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/sock`;
  let answered = 0;
  using _server = await HttpServer.listen({
    address: { transport: "unix", path },
    mode: 0o600,
    limits: LIMITS,
    handle: ({ response }) => {
      answered++;
      response.end("x".repeat(50_000));
    },
  });
  using greedy = await RawConnection.to(path);
  const sending = (async () => {
    for (;;) await greedy.send(REQUEST.repeat(20));
  })();
  await within(assertRejects(() => sending), "the connection to be cut off");
  assert(answered <= 16, `${answered} answers were made that nobody reads`);
  assertEquals((await ask(path, "GET /")).code, 200);
});

Deno.test("a socket has its mode from the first moment on, and is removed at the end", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/sock`;
  const address = { transport: "unix", path } as const;
  for (const mode of [0o600, 0o666]) {
    const server = await HttpServer.listen({ address, mode, handle: () => {} });
    assertEquals((await Deno.lstat(path)).mode! & 0o777, mode);
    const again = HttpServer.listen({ address, mode, handle: () => {} });
    await assertRejects(() => again, Failure, "another process listens there");
    server[Symbol.dispose]();
    await assertRejects(() => Deno.lstat(path), Deno.errors.NotFound);
  }
});

Deno.test("a socket that a killed process has left is replaced; any other file is not", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/sock`;
  const address = { transport: "unix", path } as const;
  const listen = () =>
    HttpServer.listen({ address, mode: 0o600, handle: ({ response }) => response.end("new") });
  const old = Deno.listen({ transport: "unix", path });
  // A hard link keeps the socket file, which nobody serves after that.
  await Deno.link(path, `${path}.kept`);
  old.close();
  await Deno.remove(path).catch(() => {});
  await Deno.rename(`${path}.kept`, path);
  {
    using _server = await listen();
    assertEquals((await ask(path, "GET /")).body.includes("new"), true);
  }
  await Deno.writeTextFile(path, "precious");
  await assertRejects(listen, Failure, "the file there is no socket");
  assertEquals(await Deno.readTextFile(path), "precious");
});

Deno.test("a directory in which others could put their own socket is refused", async () => {
  await using directory = await temporaryDirectory();
  const address = { transport: "unix", path: `${directory.path}/open/sock` } as const;
  const listen = () => HttpServer.listen({ address, mode: 0o600, handle: () => {} });
  await assertRejects(listen, Failure, "there is no directory");
  await Deno.mkdir(`${directory.path}/open`);
  await Deno.chmod(`${directory.path}/open`, 0o777);
  await assertRejects(listen, Failure, "others may write to the directory");
  await Deno.chmod(`${directory.path}/open`, 0o1777);
  (await listen())[Symbol.dispose]();
});

Deno.test("the port that the kernel has chosen is told", async () => {
  using server = await HttpServer.listen({
    address: { transport: "tcp", hostname: "127.0.0.1", port: 0 },
    mode: 0,
    handle: ({ isTcp, response, socket }) => response.end(`${isTcp} ${socket}`),
  });
  const [, port] = /^http:\/\/127\.0\.0\.1:(\d+)\/$/.exec(server.address)!;
  assert((await ask(Number(port), "GET /")).body.includes("true undefined"));
});
