/** `sv serve` beside a scan, over its socket and over TCP. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { ask, RawConnection } from "../../support/http.ts";
import { missingPrograms, missingRoot, testNeeding } from "../../support/needs.ts";
import { parseOpenMetrics } from "../../support/openmetrics.ts";
import { sv } from "../../support/program.ts";
import { isAlive } from "../../support/processes.ts";
import { run } from "../../support/run.ts";
import { Scan } from "../../support/scan.ts";
import { readyService, ScanDirectory, silentService } from "../../support/scan_directory.ts";
import { until } from "../../support/until.ts";
import { within } from "../../support/within.ts";

/** A running `sv serve`. */
interface Served extends AsyncDisposable {
  readonly pid: number;
  /** The path of its socket. */
  readonly socket: string;
  /** Its port on 127.0.0.1, where it has one. */
  readonly port: number;
  readonly said: () => string;
  readonly kill: (signal: Deno.Signal) => Promise<Deno.CommandStatus>;
}

/** Starts `sv serve` on a socket, and waits until it answers. */
async function serve(directory: ScanDirectory, ...options: string[]): Promise<Served> {
  const socket = `${directory.parent}/sock`;
  const [program, ...args] = [...sv, "serve", "--listen", `unix:${socket}`, ...options];
  const child = new Deno.Command(program!, {
    args,
    env: { SVDIR: directory.path },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let text = "";
  const read = (async () => {
    for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) text += chunk;
  })();
  const expected = 1 + options.filter((option) => option === "--listen").length;
  const kill = async (signal: Deno.Signal) => {
    child.kill(signal);
    return await within(child.status, "sv serve to end");
  };
  const dispose = async () => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await Promise.all([child.status, read]);
  };
  try {
    await until(() => text.split("answering on").length > expected, "sv serve to answer");
  } catch (error) {
    await dispose();
    throw new Error(`${(error as Error).message}; it said: ${text}`);
  }
  const port = Number(/http:\/\/127\.0\.0\.1:(\d+)\//.exec(text)?.[1] ?? 0);
  return { pid: child.pid, socket, port, said: () => text, kill, [Symbol.asyncDispose]: dispose };
}

const LOCAL = ["--listen", "127.0.0.1:0"];

/** Server-sent events, in pieces. */
function eventsIn(text: string) {
  return text.split("\n\n").flatMap((message) => {
    const field = (name: string) =>
      new RegExp(`^(?:[0-9a-f]+\r\n)?${name}: (.*)$`, "m").exec(message)?.[1];
    const [id, type, data] = [field("id"), field("event"), field("data")];
    return id !== undefined && type !== undefined && data !== undefined && data.endsWith("}")
      ? [{ id, type, data: JSON.parse(data) }]
      : [];
  });
}

Deno.test("probes, states and metrics follow the services", async () => {
  await using directory = await ScanDirectory.make({ web: readyService, off: silentService });
  Deno.writeTextFileSync(`${directory.path}/off/down`, "");
  await using _scan = await Scan.start(directory.path);
  await directory.ready("web");
  await using served = await serve(directory, ...LOCAL);
  for (const server of [served.socket, served.port]) {
    assertEquals((await ask(server, "GET /livez")).body, "ok\n");
    const { body, code } = await ask(server, "GET /readyz");
    assertEquals([code, body], [200, "ok\n"]);
  }
  assertEquals((await ask(served.socket, "GET /readyz?service=web")).code, 200);
  const off = await ask(served.socket, "GET /readyz?service=web,off,nope");
  assertEquals(off.code, 503);
  assertMatch(off.body, /^off: down: not started yet.*\nnope: missing: there is no such service/);
  await directory.add("bad", { run: "#!/bin/sh\nexec /no/such/program\n" });
  await until(async () => (await ask(served.socket, "GET /readyz")).code === 503, "a refusal");
  assertMatch((await ask(served.socket, "GET /readyz")).body, /^bad: unsupervised: /);
  const headers = ["Host: x", "Accept: application/json"];
  const { version, ready, notReady } = JSON.parse(
    (await ask(served.socket, "GET /readyz", headers)).body,
  );
  assertEquals([version, ready, notReady[0].name, notReady[0].state], [
    1,
    false,
    "bad",
    "unsupervised",
  ]);
  const { services } = JSON.parse((await ask(served.socket, "GET /services")).body);
  assertEquals(
    services.map(({ name, state, asWanted }: Record<string, unknown>) => [name, state, asWanted]),
    [["bad", "unsupervised", false], ["off", "down", true], ["web", "ready", true]],
  );
  const { service } = JSON.parse((await ask(served.socket, "GET /services/web")).body);
  assertEquals([service.up, service.ready, service.restarts], [true, true, 0]);
  const metrics = await ask(served.port, "GET /metrics");
  assertMatch(metrics.head, /content-type: application\/openmetrics-text; version=1\.0\.0/);
  const sample = (family: string) =>
    parseOpenMetrics(metrics.body).get(family)!.samples.find(({ labels }) =>
      labels["service"] === "web"
    )!;
  assertEquals(sample("sv_service_ready").value, 1);
  assert(sample("sv_service_ready_seconds").value < 60);
  await Deno.rename(directory.service("bad"), `${directory.parent}/bad`);
  await until(async () => (await ask(served.socket, "GET /readyz")).code === 200, "all to be well");
  await directory.send("web", "d");
  await directory.until("web", ({ pid }) => pid === 0, "to be down");
  await until(
    async () => (await ask(served.socket, "GET /readyz?service=web")).code === 503,
    "web to be seen down",
  );
  assertEquals((await ask(served.socket, "GET /readyz")).code, 200, "it shall be down");
});

Deno.test("how many checks a service took to be ready, and how long the last one, are measured", async () => {
  await using directory = await ScanDirectory.make({
    web: {
      ...silentService,
      "data/sv/notifyoncheck": "-w 10 -n 0",
      "data/check": "#!/bin/sh\ntest -e asked && exec sleep 0.05\necho >asked\nexit 1\n",
    },
  });
  await using _scan = await Scan.start(directory.path);
  await directory.up("web");
  await using served = await serve(directory, ...LOCAL);
  for (const life of ["first", "second"]) {
    await directory.ready("web");
    const family = async (name: string) =>
      parseOpenMetrics((await ask(served.port, "GET /metrics")).body).get(name)!.samples;
    const [tries] = await until(async () => {
      const ready = (await family("sv_service_ready"))[0]!.value === 1;
      const found = await family("sv_service_check_tries");
      return ready && found.length === 1 && found[0]!.value === 2 ? found : undefined;
    }, `two checks of the ${life} life`);
    assertEquals(tries!.labels, { service: "web" });
    const [took] = await family("sv_service_check_seconds");
    assert(took!.value >= 0.05 && took!.value < 60, `${took!.value}`);
    await Deno.remove(`${directory.service("web")}/asked`);
    const { pid } = await directory.status("web");
    await directory.send("web", "r");
    await directory.restarted("web", pid);
  }
});

Deno.test("a service that is killed is not ready from its death to its next readiness", async () => {
  await using directory = await ScanDirectory.make({ web: readyService });
  await using _scan = await Scan.start(directory.path);
  const { pid } = await directory.ready("web");
  await using served = await serve(directory);
  const restarts = async () =>
    JSON.parse((await ask(served.socket, "GET /services/web")).body).service.restarts;
  assertEquals(await restarts(), 0);
  Deno.kill(pid, "SIGKILL");
  await directory.restarted("web", pid);
  await until(async () => await restarts() === 1, "the restart to be counted");
  await until(async () => (await ask(served.socket, "GET /readyz")).code === 200, "readiness");
});

Deno.test("events are told as they happen, and again to a reader who has missed them", async () => {
  await using directory = await ScanDirectory.make({ web: readyService });
  await using _scan = await Scan.start(directory.path);
  await directory.ready("web");
  await using served = await serve(directory);
  using reader = await RawConnection.to(served.socket);
  await reader.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  const seen = async (
    enough: (events: ReturnType<typeof eventsIn>) => boolean,
    what: string,
    from = reader,
  ) => eventsIn(await within(from.read((text) => enough(eventsIn(text))), what));
  const [snapshot] = await seen((events) => events.length > 0, "a snapshot");
  assertEquals([snapshot!.type, snapshot!.data.services[0].state], ["snapshot", "ready"]);
  await directory.send("web", "d");
  const isDown = ({ data }: ReturnType<typeof eventsIn>[number]) => data.service?.state === "down";
  const events = await seen((events) => events.some(isDown), "web to be down");
  const down = events.find(isDown)!;
  assertEquals([down.type, down.data.version, down.data.name], ["service", 1, "web"]);
  await directory.send("web", "u");
  await directory.ready("web");
  const isReady = ({ data }: ReturnType<typeof eventsIn>[number]) =>
    data.service?.state === "ready";
  const all = await seen((events) => events.slice(1).some(isReady), "web to be ready");

  using again = await RawConnection.to(served.socket);
  await again.send(`GET /events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: ${down.id}\r\n\r\n`);
  const missed = await seen((events) => events.some(isReady), "what was missed", again);
  const after = all.slice(all.findIndex(({ id }) => id === down.id) + 1);
  assertEquals(missed.slice(0, after.length), after);

  using unknown = await RawConnection.to(served.socket);
  await unknown.send("GET /events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: another-7\r\n\r\n");
  assertEquals(
    (await seen((events) => events.length > 0, "a snapshot", unknown))[0]!.type,
    "snapshot",
  );
});

Deno.test("a reader of events who does not read is dropped, and the others are told", async () => {
  await using directory = await ScanDirectory.make({ web: readyService });
  await using _scan = await Scan.start(directory.path);
  await directory.ready("web");
  await using served = await serve(directory);
  using lazy = await RawConnection.to(served.socket);
  await lazy.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  using eager = await RawConnection.to(served.socket);
  await eager.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  await within(eager.read((text) => text.includes("snapshot")), "a snapshot");
  const connections = () =>
    [...Deno.readDirSync(`/proc/${served.pid}/fd`)].filter(({ name }) => {
      try {
        return Deno.readLinkSync(`/proc/${served.pid}/fd/${name}`).startsWith("socket:");
      } catch {
        return false;
      }
    }).length;
  const before = connections();
  // The names of services that come and go make events long.
  const name = (number: number) => `${"x".repeat(200)}${number}`;
  let comes = 0;
  await until(
    async () => {
      for (let count = 0; count < 50; count++) await Deno.mkdir(directory.service(name(comes++)));
      const last = name(comes - 1);
      await within(eager.read((text) => text.includes(last)), "the last event");
      return connections() < before;
    },
    "the lazy reader to be dropped",
  );
  assert(comes > 300, `dropped after ${comes} events`);
  assertEquals((await ask(served.socket, "GET /livez")).code, 200);
});

/** Why the kernel keeps all answers of a test for their readers. */
const kernelKeepsAll = Number(Deno.readTextFileSync("/proc/sys/net/core/wmem_default")) > 2 ** 18
  ? "the kernel's buffers are large: net.core.wmem_default"
  : undefined;

testNeeding(
  [kernelKeepsAll],
  "clients that ask for a lot and read nothing keep no probe from its answer",
  async () => {
    await using directory = await ScanDirectory.make({ web: readyService });
    await using _scan = await Scan.start(directory.path);
    await directory.ready("web");
    await using served = await serve(directory);
    const code = async (line: string) => (await ask(served.socket, line)).code;
    {
      using stack = new DisposableStack();
      // The kernel keeps some 200 KB of each connection; what it has no room for waits in sv serve.
      for (let count = 0; count < 240; count++) {
        const greedy = stack.use(await RawConnection.to(served.socket));
        await greedy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(16));
      }
      await until(async () => await code("GET /") === 503, "other answers to be refused");
      assertEquals(await code("GET /services"), 503);
      assertEquals(await code("GET /livez"), 200);
      assertEquals(await code("GET /readyz"), 200);
    }
    await until(async () => await code("GET /") === 200, "answers after the others have gone");
    assertEquals(await code("GET /services"), 200);
  },
);

Deno.test("changes are carried out for who may, and nothing else", async () => {
  await using directory = await ScanDirectory.make({ web: readyService });
  await using _scan = await Scan.start(directory.path);
  const { pid } = await directory.ready("web");
  const token = "0123456789abcdef-token";
  Deno.writeTextFileSync(`${directory.parent}/token`, `${token}\n`, { mode: 0o600 });
  await using served = await serve(
    directory,
    ...LOCAL,
    "--token-file",
    `${directory.parent}/token`,
  );
  const { port, socket } = served;
  const code = async (server: string | number, line: string, ...headers: string[]) =>
    (await ask(server, line, ["Host: 127.0.0.1", ...headers])).code;
  const bearer = `Authorization: Bearer ${token}`;

  assertEquals(await code(port, "POST /services/web/stop"), 401, "no token");
  assertEquals(await code(port, "POST /services/web/stop", `${bearer}x`), 401, "another token");
  assertEquals(
    await code(port, "POST /services/web/stop", bearer, "Origin: http://evil.example"),
    403,
  );
  assertEquals(
    await code(port, "POST /services/web/stop", bearer, "Sec-Fetch-Site: cross-site"),
    403,
  );
  assertEquals(
    await code(port, "POST /services/web/stop", bearer, "Content-Type: text/plain"),
    415,
  );
  assertEquals(
    await code(port, "POST /services/web/stop", bearer, "Content-Length: 999999999"),
    413,
  );
  assertEquals(await code(port, "GET /services/web/stop", bearer), 405);
  assertEquals(await code(port, "POST /services/..%2Fscan%2Fweb/stop", bearer), 404);
  assertEquals(await code(port, "POST /services/../../x/stop", bearer), 404);
  assertEquals(await code(port, "GET /services/web/logs"), 401, "logs need the token, too");
  assertEquals(
    (await ask(port, "GET /services", ["Host: evil.example"])).code,
    421,
    "DNS rebinding",
  );
  assertEquals(
    await code(port, "GET /events", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"),
    403,
  );
  assertEquals(await code(socket, "POST /services/web/stop", "Origin: http://evil.example"), 403);
  await Deno.chmod(`${directory.parent}/token`, 0o644);
  assertEquals(
    await code(port, "POST /services/web/stop", bearer),
    403,
    "anyone may read the token",
  );
  await Deno.chmod(`${directory.parent}/token`, 0o600);
  assertEquals((await directory.status("web")).pid, pid, "nothing was done");

  const restarted = await ask(socket, "POST /services/web/restart");
  const { done, lines, service } = JSON.parse(restarted.body);
  assertEquals([restarted.code, done, service.state], [200, true, "ready"]);
  assertMatch(lines[0], /^ok: run: .*\/web: \(pid \d+\)/);
  const { pid: next } = await directory.restarted("web", pid);
  assertMatch(served.said(), /restart "web", asked for by user \d+, process \d+/);
  assertEquals(await code(port, "POST /services/web/stop", bearer), 200);
  await until(() => !isAlive(next), "web to be down");
  assertMatch(served.said(), /stop "web", asked for by the token, from 127\.0\.0\.1 port \d+/);
  assertEquals(await code(socket, "POST /services/web/start"), 200);
  await directory.ready("web");
  assertEquals(await code(socket, "POST /services/nope/start"), 404);
});

testNeeding(
  [missingRoot("to be another user"), missingPrograms("curl")],
  "another user may read over an open socket, and change only what he is allowed to",
  async () => {
    await using directory = await ScanDirectory.make({ web: readyService });
    await using _scan = await Scan.start(directory.path);
    const { pid } = await directory.ready("web");
    await Deno.chmod(directory.parent, 0o755);
    await using served = await serve(directory, "--mode", "0666", "--allow-user", "4322");
    const as = async (uid: number, ...words: string[]) => {
      const curl = [
        "-s",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        "--unix-socket",
        served.socket,
        ...words,
      ];
      const { stdout } = await new Deno.Command("curl", { args: curl, uid, gid: uid }).output();
      return Number(new TextDecoder().decode(stdout));
    };
    const stop = ["-X", "POST", "http://x/services/web/stop"];
    assertEquals(await as(4321, "http://x/readyz"), 200);
    assertEquals(await as(4321, ...stop), 403);
    assertEquals(await as(4321, "http://x/services/web/logs"), 403);
    assertEquals((await directory.status("web")).pid, pid);
    assertEquals(await as(4322, ...stop), 200);
    await directory.until("web", ({ pid }) => pid === 0, "to be down");
  },
);

Deno.test("the logs of a service are read", async () => {
  await using directory = await ScanDirectory.make({
    web: { run: "#!/bin/sh\nexec >out 2>&1\necho one\necho two\nexec sleep 100000\n" },
  });
  await using _scan = await Scan.start(directory.path);
  await directory.contains("web/out", (text) => text.includes("two"), "two lines");
  await using served = await serve(directory);
  const lines = async (query = "") => {
    const { body } = await ask(served.socket, `GET /services/web/logs${query}`);
    return JSON.parse(body).lines.map(({ line }: { line: string }) => line);
  };
  assertEquals(await lines(), ["one", "two"]);
  assertEquals(await lines("?lines=1"), ["two"]);
  assertEquals((await ask(served.socket, "GET /services/web/logs?lines=-1")).code, 400);
});

Deno.test("its death harms nothing, and it starts again at once", async () => {
  await using directory = await ScanDirectory.make({ web: readyService });
  await using _scan = await Scan.start(directory.path);
  const { pid } = await directory.ready("web");
  {
    await using killed = await serve(directory);
    using reader = await RawConnection.to(killed.socket);
    await reader.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
    await within(reader.read((text) => text.includes("snapshot")), "a snapshot");
    await killed.kill("SIGKILL");
  }
  assertEquals((await directory.status("web")).pid, pid);
  await using served = await serve(directory);
  assertEquals((await ask(served.socket, "GET /readyz")).code, 200);
  assertEquals((await served.kill("SIGTERM")).code, 0);
  assert(!await Deno.lstat(served.socket).then(() => true, () => false), "the socket is removed");
  assertEquals((await directory.status("web")).pid, pid);
});

Deno.test("as a service it is ready when it answers", async () => {
  await using directory = await ScanDirectory.make({ web: readyService });
  const program = sv.map((word) => `'${word}'`).join(" ");
  await directory.add("serve", {
    run:
      `#!/bin/sh\nSVDIR='${directory.path}' exec ${program} serve -d 3 --listen unix:${directory.parent}/sock 2>&1\n`,
    "notification-fd": "3\n",
  });
  await using _scan = await Scan.start(directory.path);
  await directory.ready("serve");
  await directory.ready("web");
  const isReady = async () => (await ask(`${directory.parent}/sock`, "GET /readyz")).code === 200;
  await until(isReady, "all to be ready, itself included");
});

Deno.test("what can't be read it says, and goes on", async () => {
  await using directory = await ScanDirectory.make({ web: readyService });
  await using _scan = await Scan.start(directory.path);
  await directory.ready("web");
  await using served = await serve(directory);
  assertEquals((await ask(served.socket, "GET /readyz")).code, 200);
  const hidden = `${directory.path}/.odd`;
  await Deno.mkdir(`${hidden}/supervise`, { recursive: true });
  // A link to itself can be opened by nobody, root included.
  await Deno.symlink("lock", `${hidden}/supervise/lock`);
  await Deno.rename(hidden, directory.service("odd"));
  await until(async () => (await ask(served.socket, "GET /readyz")).code === 503, "a refusal");
  assertMatch((await ask(served.socket, "GET /readyz")).body, /^odd: unknown: .*Too many levels/);
  assertEquals((await ask(served.socket, "GET /services/odd")).code, 200);
  await Deno.rename(directory.path, `${directory.parent}/elsewhere`);
  await until(
    async () => (await ask(served.socket, "GET /readyz")).body.includes("no scan directory"),
    "that it is gone",
  );
  await Deno.rename(`${directory.parent}/elsewhere`, directory.path);
});

Deno.test("wrong options are refused with what is right", async () => {
  await using directory = await ScanDirectory.make();
  const token = `${directory.parent}/token`;
  Deno.writeTextFileSync(token, "0123456789abcdef0", { mode: 0o644 });
  await Deno.chmod(token, 0o644);
  const refused = async (...options: string[]) => {
    const { code, stderr } = await run([...sv, "serve", ...options], {
      env: { SVDIR: directory.path },
    });
    assertEquals(code, 100, stderr);
    return stderr;
  };
  const here = ["--listen", `unix:${directory.parent}/sock`];
  assertMatch(await refused(), /no address given: --listen unix:\/run\/sv\.sock, say/);
  assertMatch(await refused("--listen", "9000"), /--listen takes unix:PATH or ADDRESS:PORT/);
  assertMatch(await refused(...here, "--mode", "rw"), /--mode takes an octal number/);
  assertMatch(await refused(...here, "--allow-user", "no-such-user"), /there is no such user/);
  assertMatch(await refused(...here, "--token-file", token), /has mode 0644, .*chmod 600/);
});
