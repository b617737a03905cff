/** The images of examples/container: built from their Dockerfiles, and run as containers. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { executables, unpacked } from "../compiled/forms.ts";
import { missingPrograms, testNeeding } from "../support/needs.ts";
import { until } from "../support/until.ts";
import { Container, containerNeeds, type ContainerOptions } from "./container.ts";
import { Image } from "./image.ts";

const compiled = executables.find(({ name }) => name === "compiled")!;
const needs = [unpacked.missing, ...containerNeeds];
const servers = [missingPrograms("redis-server", "nginx")];

/** Runs a command in a container, which has to succeed, and returns what it has printed. */
async function exec(container: Container, ...command: string[]): Promise<string> {
  const { code, stdout, stderr } = await container.exec(...command);
  assertEquals(
    code,
    0,
    `${
      command.join(" ")
    }: ${stdout}${stderr}; the container said: ${container.stdout}${container.stderr}`,
  );
  return stdout;
}

/**
 * Waits until a service is up, or ready. Until its directory is there, this looks from outside; what
 * is there may be of the container's last life, so each wait is short.
 */
async function isIn(
  container: Container,
  state: "up" | "ready",
  service: string,
): Promise<void> {
  const path = container.image.root + service;
  const wait = ["/opt/sv/sv", "wait", state === "up" ? "-u" : "-U", "-t", "2000", service];
  await until(
    async () =>
      await Deno.lstat(path).then(() => true, () => false) &&
      (await container.exec(...wait)).code === 0,
    `${service} to be ${state}`,
  ).catch((error) => {
    throw new Error(`${error.message}; the container said: ${container.stdout}${container.stderr}`);
  });
}

/** Waits until a service is ready. */
const ready = (container: Container, service: string) => isIn(container, "ready", service);

/** Asks a server of a container that has perl. */
async function page(container: Container, port = 8080, path = "/"): Promise<string> {
  const script =
    `use IO::Socket::INET; my $at = IO::Socket::INET->new("127.0.0.1:${port}") or die; ` +
    `print $at "GET ${path} HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n"; print <$at>;`;
  return await exec(container, "perl", "-e", script);
}

/** Process ids of services. */
const pids = (container: Container, ...services: string[]) =>
  exec(container, "sv", "stat", "-o", "pid", ...services);

/** Counts processes without a parent's attention. */
const COUNT_ZOMBIES = "grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null | wc -l";

testNeeding(
  [...needs, ...servers],
  "debian: process 1, services in order, orphans, memory, an upgrade, a stop in order",
  async () => {
    await using image = await Image.build("debian");
    await using container = await Container.run(image, { memory: 400 });
    await ready(container, "/run/service/web");
    assertEquals(await exec(container, "cat", "/proc/1/comm"), "sv\n");
    assertMatch(await page(container), /^HTTP\/1\.1 200 /);

    // web was started when redis was ready.
    const started = JSON.parse(await exec(container, "sv", "rc", "status", "--json"));
    const state = Object.fromEntries(
      started.services.map((
        service: { name: string; state: string },
      ) => [service.name, service.state]),
    );
    assertEquals(state, { default: "ready", page: "ready", redis: "ready", web: "ready" });
    const [redisReady, webUp] = await Promise.all([
      exec(container, "sv", "stat", "-o", "readysince", "/run/service/redis"),
      exec(container, "sv", "stat", "-o", "updownsince", "/run/service/web"),
    ]);
    assert(redisReady.trim() <= webUp.trim(), `redis ${redisReady}, web ${webUp}`);

    // A thousand orphans at once are reaped.
    const before = await pids(container, "/run/service/redis", "/run/service/web");
    const storm = "i=0; while [ $i -lt 1000 ]; do (sleep 0.01 &); i=$((i + 1)); done";
    await exec(container, "sh", "-c", storm);
    await until(
      async () => (await exec(container, "sh", "-c", COUNT_ZOMBIES)).trim() === "0",
      "the orphans to be reaped",
    );

    // The kernel kills a service that takes too much memory, and nothing else.
    const hog = `mkdir /run/hog; cd /run/hog
      printf '#!/bin/sh\\necho 500 >/proc/self/oom_score_adj\\nexec tail /dev/zero\\n' >run
      printf '#!/bin/sh\\nexit 125\\n' >finish
      chmod +x run finish; sv link /run/service /run/hog`;
    await exec(container, "sh", "-c", hog);
    await until(
      async () => (await exec(container, "sv", "death-tally", "/run/hog")).includes("SIGKILL"),
      "the kernel to kill the service",
    );
    await exec(container, "sv", "unlink", "/run/service", "hog");

    const upgraded = await exec(container, "sv", "scanctl", "--upgrade", "/run/service");
    assertMatch(upgraded, /^upgraded the scan of \/run\/service from sv \S+ to sv \S+\n$/);
    assertEquals(await pids(container, "/run/service/redis", "/run/service/web"), before);

    for (const name of ["redis", "web"]) {
      const finish = `/run/service/${name}/finish`;
      await exec(
        container,
        ...[
          "sh",
          "-c",
          `printf '#!/bin/sh\\necho ${name} >>/stopped\\n' >${finish}; chmod +x ${finish}`,
        ],
      );
    }
    await container.kill("TERM");
    assertEquals(await container.exited(), 0, container.stderr);
    assertEquals(await Deno.readTextFile(`${image.root}/stopped`), "web\nredis\n");
  },
);

testNeeding(
  [...needs, ...servers],
  "debian: starts again after a kill; a stop ends a start; 1 where a service can't be started",
  async () => {
    await using image = await Image.build("debian");
    {
      await using killed = await Container.run(image);
      await ready(killed, "/run/service/web");
      await killed.kill("KILL");
      assertEquals(await killed.exited(), 137);
    }
    {
      await using again = await Container.run(image);
      await ready(again, "/run/service/web");
      await again.kill("TERM");
      assertEquals(await again.exited(), 0, again.stderr);
    }
    await Deno.writeTextFile(
      `${image.root}/etc/sv/source/redis/run`,
      "#!/bin/sh\nexec sleep 1000\n",
    );
    await Deno.remove(`${image.root}/etc/sv/source/redis/timeout-up`);
    {
      await using starting = await Container.run(image);
      await isIn(starting, "up", "/run/service/redis");
      await starting.kill("TERM");
      assertEquals(await starting.exited(), 0, starting.stderr);
    }
    await Deno.writeTextFile(`${image.root}/etc/sv/source/redis/timeout-up`, "100\n");
    await using broken = await Container.run(image);
    assertEquals(await broken.exited(), 1);
    assertStringIncludes(
      broken.stderr,
      "unable to start service redis: it was not ready after 100 ",
    );
  },
);

for (const form of [unpacked, compiled]) {
  testNeeding(
    [...needs, form.missing, missingPrograms("python3")],
    `distroless, ${form.name}: services without a shell, in order; a command, and its exit code`,
    async () => {
      await using image = await Image.build("distroless");
      if (form === compiled) {
        await Deno.remove(`${image.root}/opt/sv`, { recursive: true });
        await Deno.mkdir(`${image.root}/opt/sv`);
        await Deno.copyFile(form.command[0]!, `${image.root}/opt/sv/sv`);
      }
      for (const name of ["sh", "bash", "env", "cp"]) {
        await Deno.lstat(`${image.root}/usr/bin/${name}`).then(
          () => assert(false, `${name} is in the image`),
          (error) => assert(error instanceof Deno.errors.NotFound),
        );
      }
      await using container = await Container.run(image);
      await ready(container, "/service/web");
      const ask = "import socket; at = socket.create_connection(('127.0.0.1', 8080)); " +
        "at.sendall(b'GET / HTTP/1.0\\r\\n\\r\\n'); print(at.makefile().read())";
      for (const number of [1, 2]) {
        const answer = await exec(container, "/usr/bin/python3", "-c", ask);
        assertStringIncludes(answer, `200 OK\n\n${number}\n`);
      }
      await container.kill("TERM");
      assertEquals(await container.exited(), 0, container.stderr);

      const command = ["--", "/usr/bin/python3", "-c", "import sys; print('done'); sys.exit(7)"];
      await using ends = await Container.run(image, { command });
      assertEquals(await ends.exited(), 7, ends.stderr);
      assertEquals(ends.stdout, "done\n");
    },
  );
}

testNeeding(
  [...needs, ...servers],
  "read-only: any user, no rights, and nothing to write to but a /run that forbids execution",
  async () => {
    await using image = await Image.build("read-only");
    const options = { uid: 12345, withoutRights: true, readOnly: true, tmpfs: true };
    await using container = await Container.run(image, options);
    await ready(container, "/service/web");
    assertMatch(await page(container), /^HTTP\/1\.1 200 /);
    assertEquals(await exec(container, "id", "-u"), "12345\n");
    await ready(container, "/service/probes");
    assertMatch(await page(container, 9000, "/livez"), /^HTTP\/1\.\d 200 /);
    // It learns of its own readiness by an event, too.
    await until(
      async () => /^HTTP\/1\.\d 200 /.test(await page(container, 9000, "/readyz")),
      "all services to be ready",
    );
    assertEquals((await container.exec("sh", "-c", ": >/tmp/file")).code, 2);
    const upgraded = await exec(container, "sv", "scanctl", "--upgrade", "/service");
    assertMatch(upgraded, /^upgraded the scan of \/service /);
    await container.kill("TERM");
    assertEquals(await container.exited(), 0, container.stderr);
  },
);

testNeeding(
  [...needs, ...servers],
  "s6-overlay: its directories, the command and its exit code, finish scripts",
  async () => {
    await using image = await Image.build("s6-overlay");
    const runs = async (command: readonly string[], options: ContainerOptions = {}) => {
      await using container = await Container.run(image, { command, ...options });
      return { code: await container.exited(), lines: container.stdout.split("\n") };
    };
    const script = "redis-cli -s /run/redis.sock ping; exit 7";
    const asked = await runs(["sh", "-c", script]);
    assertEquals([asked.code, asked.lines.includes("PONG")], [7, true], asked.lines.join("\n"));

    await using container = await Container.run(image, { env: { GREETING: "good morning" } });
    await ready(container, "/run/service/web");
    assertMatch(await page(container), /\ngood morning\n$/);
    for (const [name, at] of [["redis", "/run/service"], ["web", "/run/services.d"]]) {
      const finish = `${at}/${name}/finish`;
      await exec(
        container,
        ...[
          "sh",
          "-c",
          `printf '#!/bin/sh\\necho ${name} >>/stopped\\n' >${finish}; chmod +x ${finish}`,
        ],
      );
    }
    await Deno.writeTextFile(
      `${image.root}/etc/cont-finish.d/20-last`,
      "#!/bin/sh\necho last >>/stopped\n",
      { mode: 0o755 },
    );
    await container.kill("TERM");
    assertEquals(await container.exited(), 0, container.stderr);
    assertEquals(await Deno.readTextFile(`${image.root}/stopped`), "web\nredis\nlast\n");

    // As s6-overlay's pages have it: the end of a service stops the container, with an exit code.
    const finish = "#!/bin/sh\necho 9 >/run/s6-linux-init-container-results/exitcode\n" +
      "exec /run/s6/basedir/bin/halt\n";
    await Deno.writeTextFile(`${image.root}/etc/services.d/web/finish`, finish, { mode: 0o755 });
    await Deno.writeTextFile(`${image.root}/etc/services.d/web/run`, "#!/bin/sh\nexit 3\n");
    assertEquals((await runs([])).code, 9);
  },
);
