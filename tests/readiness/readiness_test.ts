/** Tests each check with servers of Deno's, which share no code with it. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { readiness, type ReadinessCheck } from "../../mod.ts";
import { freePort } from "../support/free_port.ts";
import { missingPrograms, testNeeding } from "../support/needs.ts";
import { openDescriptors } from "../support/open_descriptors.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { until } from "../support/until.ts";
import { within } from "../support/within.ts";

const { all, any, exec, file, http, pidFile, tcp, unix } = readiness;

/** Runs a check once. Returns `true`, `false` or the reason of its failure. */
async function ask(check: ReadinessCheck): Promise<boolean | string> {
  try {
    return await within(Promise.resolve(check(new AbortController().signal)), "a check");
  } catch (error) {
    return (error as Error).message;
  }
}

/** A server that answers every connection with the same text, at once or in pieces. */
function answering(...pieces: readonly string[]) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const heard: string[] = [];
  const served = (async () => {
    for await (const connection of listener) {
      try {
        const buffer = new Uint8Array(4096);
        const count = await connection.read(buffer);
        heard.push(new TextDecoder().decode(buffer.subarray(0, count ?? 0)));
        for (const piece of pieces) {
          await connection.write(new TextEncoder().encode(piece));
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      } catch {
        // The check has closed the connection: it has read enough.
      }
      connection.close();
    }
  })();
  return {
    port: listener.addr.port,
    url: `http://127.0.0.1:${listener.addr.port}/`,
    heard,
    async [Symbol.asyncDispose]() {
      listener.close();
      await served;
    },
  };
}

for (
  const [listens, hostname, where] of [
    ["on 127.0.0.1", "127.0.0.1", (port: number) => port],
    ["on ::1 only", "::1", (port: number) => port],
    ["on 127.0.0.1, by its address", "127.0.0.1", (port: number) => `127.0.0.1:${port}`],
    ["on 127.0.0.1, by its name", "127.0.0.1", (port: number) => `localhost:${port}`],
    ["on ::1, by its address", "::1", (port: number) => `[::1]:${port}`],
    ["everywhere", "0.0.0.0", (port: number) => `${port}`],
  ] as const
) {
  Deno.test(`tcp: a server that listens ${listens} is found`, async () => {
    const listener = Deno.listen({ hostname, port: 0 });
    const { port } = listener.addr;
    assertEquals(await ask(tcp(where(port))), true);
    listener.close();
    assertEquals(
      await ask(tcp(where(port))),
      `cannot connect to ${
        /:/.test(`${where(port)}`) ? where(port) : `port ${port}`
      }: Connection refused`,
    );
  });
}

Deno.test("tcp: a host that does not exist is named", async () => {
  assertEquals(
    String(await ask(tcp("no-such-host.invalid:80"))).split(":")[0],
    "cannot find the host no-such-host.invalid",
  );
});

for (const where of [0, 65_536, -1, "", "http", "host:", ":80", "::1:80", "a b:80:80"]) {
  Deno.test(`tcp: ${JSON.stringify(where)} is no port`, () => {
    assertThrows(() => tcp(where), TypeError, "neither a port nor host:port");
  });
}

testNeeding(
  [missingPrograms("python3")],
  "unix: a socket is ready when a server listens, however long its path",
  async () => {
    await using directory = await temporaryDirectory();
    const deep = `${directory.path}/${"d".repeat(120)}`;
    await Deno.mkdir(deep);
    for (const path of [`${directory.path}/socket`, `${deep}/socket`]) {
      assertEquals(await ask(unix(path)), `cannot connect to ${path}: No such file or directory`);
      // The path is too long for the server, too, unless that changes its working directory.
      const server = await new Deno.Command("python3", {
        args: [
          "-c",
          `import os, socket, sys
os.chdir(os.path.dirname(sys.argv[1]))
s = socket.socket(socket.AF_UNIX); s.bind("socket"); print(); sys.stdout.flush()
sys.stdin.readline(); s.listen(); print(); sys.stdout.flush(); sys.stdin.readline()`,
          path,
        ],
        stdin: "piped",
        stdout: "piped",
      }).spawn();
      const writer = server.stdin.getWriter();
      const reader = server.stdout.getReader();
      const line = () => within(reader.read(), "a line from the server");
      await line();
      assertEquals(await ask(unix(path)), `cannot connect to ${path}: Connection refused`);
      await writer.write(new Uint8Array([10]));
      await line();
      assertEquals(await ask(unix(path)), true);
      await writer.close();
      await server.status;
      await reader.cancel();
    }
  },
);

Deno.test("unix: an abstract socket", async () => {
  const name = `sv-test-${crypto.randomUUID()}`;
  assertEquals(await ask(unix(`@${name}`)), `cannot connect to @${name}: Connection refused`);
  const listener = Deno.listen({ transport: "unix", path: `\0${name}` });
  assertEquals(await ask(unix(`@${name}`)), true);
  listener.close();
});

Deno.test("http: statuses from 200 to 299 mean ready, others only if they are expected", async () => {
  for (
    const [status, expect, verdict] of [
      [200, undefined, true],
      [204, undefined, true],
      [301, undefined, "answered 301, and not 200-299"],
      [503, undefined, "answered 503, and not 200-299"],
      [301, "200-399", true],
      [400, "200-399", "answered 400, and not 200-399"],
      [401, "200,401", true],
      [200, "404", "answered 200, and not 404"],
    ] as const
  ) {
    await using server = answering(`HTTP/1.1 ${status} Whatever\r\nContent-Length: 0\r\n\r\n`);
    const answer = await ask(http(server.url, expect === undefined ? {} : { expect }));
    assertEquals(answer, verdict === true ? true : `${server.url} ${verdict}`);
  }
});

Deno.test("http: the request is a plain GET", async () => {
  await using server = answering("HTTP/1.1 200 OK\r\n\r\n");
  assertEquals(await ask(http(`http://u:p%20%C3%A9@127.0.0.1:${server.port}/a%20b?c=d#e`)), true);
  assertEquals(
    server.heard[0],
    `GET /a%20b?c=d HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nUser-Agent: sv\r\n` +
      "Accept: */*\r\nConnection: close\r\nAuthorization: Basic dTpwIMOp\r\n\r\n",
  );
});

for (
  const [what, pieces, verdict] of [
    ["in pieces", ["HT", "TP/1.1 2", "00", " OK", "\r\n\r\n"], true],
    ["of HTTP/1.0", ["HTTP/1.0 200 OK\n\n"], true],
    ["without a reason", ["HTTP/1.1 200\r\n\r\n"], true],
    [
      "after an interim answer",
      ["HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n"],
      true,
    ],
    ["with a bad end", ["HTTP/1.1 103 Early\r\n\r\n", "HTTP/1.1 500 No\r\n"], "answered 500"],
    ["that is none", ["SSH-2.0-OpenSSH\r\n"], "does not answer in HTTP"],
    ["that is binary", ["\0\x01"], "does not answer in HTTP"],
    ["that is empty", [], "closed the connection without an answer"],
    ["that breaks off", ["HTTP/1.1 20"], "closed the connection without an answer"],
    ["that never begins", ["x".repeat(100_000)], "does not answer in HTTP"],
    ["of endless headers", ["HTTP/1.1 100 C\r\n", "a: b\r\n".repeat(20_000)], "without an answer"],
  ] as const
) {
  Deno.test(`http: an answer ${what}`, async () => {
    await using server = answering(...pieces);
    const answer = await ask(http(server.url));
    if (verdict === true) assertEquals(answer, true);
    else assert(`${answer}`.includes(verdict), `${answer}`);
  });
}

Deno.test("https: an answer needs a certificate, and a password is not shown", async () => {
  await using server = answering("HTTP/1.1 200 OK\r\n\r\n");
  const answer = await ask(http(`https://user:secret@127.0.0.1:${server.port}/`));
  assert(typeof answer === "string" && !answer.includes("secret"), `${answer}`);
  assert(answer.length > "fetch failed".length, `${answer} does not say why`);
});

for (const url of ["", "127.0.0.1", "ftp://127.0.0.1/", "http://"]) {
  Deno.test(`http: ${JSON.stringify(url)} is no URL of the web`, () => {
    assertThrows(() => http(url), TypeError, "begins with http: or https:");
  });
}

for (const expect of ["", "20", "2xx", "300-200", "200-", "200,,201"]) {
  Deno.test(`http: ${JSON.stringify(expect)} can't be expected`, () => {
    assertThrows(() => http("http://h/", { expect }), TypeError, "no range of three digits");
  });
}

Deno.test("file: ready when the path exists", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/ready`;
  assertEquals(await ask(file(path)), `there is no file ${path}`);
  await Deno.writeTextFile(path, "");
  assertEquals(await ask(file(path)), true);
  assertEquals(await ask(file(`${path}/below`)), `cannot access ${path}/below: Not a directory`);
});

Deno.test("pidFile: ready when it names a process that is alive", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/pid`;
  assertEquals(
    await ask(pidFile(path)),
    `cannot open ${path} for reading: No such file or directory`,
  );
  for (const text of ["", "none\n", "0\n", "-1\n", "99999999999\n"]) {
    await Deno.writeTextFile(path, text);
    assertEquals(
      await ask(pidFile(path)),
      `${path} holds no process id, but ${JSON.stringify(text.trim())}`,
    );
  }
  const child = new Deno.Command("cat", { stdin: "piped", stdout: "null" }).spawn();
  await Deno.writeTextFile(path, ` ${child.pid}\nmore\n`);
  assertEquals(await ask(pidFile(path)), true);
  await child.stdin.close();
  await child.status;
  assertEquals(await ask(pidFile(path)), `${path} names process ${child.pid}, and there is none`);
  await Deno.writeTextFile(path, "1");
  assertEquals(await ask(pidFile(path)), true);
});

Deno.test("exec: ready when it exits 0", async () => {
  assertEquals(await ask(exec(["true"])), true);
  assertEquals(
    await ask(exec(["sh", "-c", "exit 7"])),
    "/bin/sh exited 7".replace(
      "/bin",
      Deno.env.get("PATH")!.split(":").find((place) => {
        try {
          return Deno.statSync(`${place}/sh`).isFile;
        } catch {
          return false;
        }
      })!,
    ),
  );
  assertEquals(
    await ask(exec(["no-such-program"])),
    "Cannot run no-such-program: No such file or directory",
  );
  assertThrows(() => exec([]), TypeError, "none is given");
});

Deno.test("all: in order, until one fails", async () => {
  const asked: string[] = [];
  const note = (name: string, verdict: boolean): ReadinessCheck => () => {
    asked.push(name);
    return verdict;
  };
  assertEquals(await ask(all(note("a", true), note("b", false), note("c", true))), false);
  assertEquals(asked, ["a", "b"]);
  assertEquals(await ask(all(note("d", true), note("e", true))), true);
  assertEquals(await ask(all()), true);
  assertEquals(
    await ask(all(file("/"), file("/nonexistent/a"))),
    "there is no file /nonexistent/a",
  );
});

Deno.test("any: in order, until one holds", async () => {
  assertEquals(await ask(any(file("/nonexistent/a"), file("/"), () => Promise.reject())), true);
  assertEquals(
    await ask(any(file("/nonexistent/a"), file("/nonexistent/b"))),
    "there is no file /nonexistent/a, and there is no file /nonexistent/b",
  );
  assertEquals(await ask(any()), false);
});

Deno.test("a check that is stopped stops at once, and leaves no descriptor open", async () => {
  await using server = answering();
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await ask(tcp(server.port));
  const before = openDescriptors();
  const checks = [
    http(`http://127.0.0.1:${silent.addr.port}/`),
    // An address of no machine: packets to it are lost.
    tcp("192.0.2.1:80"),
    exec(["sleep", "1000"]),
    all(http(`http://127.0.0.1:${silent.addr.port}/`), file("/")),
  ];
  for (const check of checks) {
    const controller = new AbortController();
    const verdict = Promise.resolve(check(controller.signal));
    const ended = assertRejects(() => within(verdict, "the check to stop"));
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort(new Error("no use"));
    await ended;
  }
  await until(
    () => [...openDescriptors().values()].length <= before.size,
    `no more descriptors than ${JSON.stringify([...before])}`,
  ).catch((error) => {
    throw new Error(`${error.message}: ${JSON.stringify([...openDescriptors()])}`);
  });
  silent.close();
});

Deno.test("a thousand checks leave no descriptor open", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const accepted = (async () => {
    for await (const connection of listener) connection.close();
  })();
  const free = freePort();
  await ask(tcp(port));
  await ask(tcp(free));
  const before = openDescriptors().size;
  for (let round = 0; round < 500; round++) {
    await ask(tcp(free));
    await ask(any(unix("/nonexistent/a"), tcp(port)));
  }
  listener.close();
  await accepted;
  assert(openDescriptors().size <= before, `${before} → ${openDescriptors().size}`);
});
