import { assert, assertEquals, assertThrows } from "@std/assert";
import { datagramSocket, send } from "../../../lib/os/datagram_socket.ts";
import { setNonblocking } from "../../../lib/os/descriptor.ts";
import { close, CWD, Open, open, tryWrite } from "../../../lib/os/file.ts";
import { libc } from "../../../lib/os/libc.ts";
import { encodeOs } from "../../../lib/os/os_string.ts";
import { SystemError } from "../../../lib/os/system_error.ts";
import { sdNotify, sdNotifyAndWait } from "../../../lib/readiness/sd_notify/sd_notify.ts";
import {
  type SdNotifyListener,
  sdNotifyListener,
} from "../../../lib/readiness/sd_notify/sd_notify_listener.ts";
import { missingPrograms, testNeeding } from "../../support/needs.ts";
import { openDescriptors } from "../../support/open_descriptors.ts";
import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { until } from "../../support/until.ts";
import { within } from "../../support/within.ts";

/** Returns the next message, as an object. */
async function next(listener: SdNotifyListener): Promise<Record<string, string>> {
  const { value } = await within(listener.next(), "a message");
  return Object.fromEntries(value.fields);
}

Deno.test("messages come in their order, with the sender that the kernel adds", async () => {
  using listener = sdNotifyListener();
  for (let count = 0; count < 5; count++) assert(sdNotify(`COUNT=${count}`, listener.address));
  for (let count = 0; count < 5; count++) {
    const { value } = await within(listener.next(), "a message");
    assertEquals([...value.fields], [["COUNT", String(count)]]);
    assertEquals(value.sender, { pid: Deno.pid, uid: Deno.uid(), gid: Deno.gid() });
  }
});

for (const kind of ["an abstract socket", "an abstract socket of a given name", "a path"]) {
  testNeeding(
    [missingPrograms("systemd-notify")],
    `systemd-notify is heard at ${kind}`,
    async () => {
      await using directory = await temporaryDirectory();
      const given = kind === "a path"
        ? { address: `${directory.path}/socket` }
        : kind === "an abstract socket"
        ? {}
        : { address: `@sv-test-${crypto.randomUUID()}` };
      using listener = sdNotifyListener(given);
      if (given.address !== undefined) assertEquals(listener.address, given.address);
      const sent = run(["systemd-notify", "--ready", "--status=at your service"], {
        env: { NOTIFY_SOCKET: listener.address },
      });
      const { READY, STATUS } = await next(listener);
      assertEquals([READY, STATUS], ["1", "at your service"]);
      // systemd-notify waits until its message has been read, and fails where that takes too long.
      assertEquals((await sent).code, 0);
    },
  );
}

testNeeding(
  [missingPrograms("systemd-notify")],
  "messages of senders that the listener does not accept are dropped",
  async () => {
    using listener = sdNotifyListener({ accept: ({ pid }) => pid === Deno.pid });
    const env = { NOTIFY_SOCKET: listener.address };
    // With --pid, systemd-notify sends in the name of another process; only root may.
    await run(["sh", "-c", "systemd-notify --pid=$$ STATUS=forged; exit 0"], { env });
    sdNotify("STATUS=real", listener.address);
    assertEquals(await next(listener), { STATUS: "real" });
  },
);

testNeeding(
  [missingPrograms("systemd-notify")],
  "the socket is closed with the listener, its file is gone, and no descriptor is left",
  async () => {
    await using directory = await temporaryDirectory();
    const address = `${directory.path}/socket`;
    // The reactor keeps its own descriptors.
    sdNotifyListener()[Symbol.dispose]();
    const before = openDescriptors();
    {
      using listener = sdNotifyListener({ address });
      const waiting = listener.next();
      sdNotify("READY=1", address);
      await within(waiting, "a message");
      // Descriptors in messages are closed.
      assert(
        await within(
          Promise.resolve().then(async () => {
            const sent = run(["systemd-notify", "STATUS=x"], { env: { NOTIFY_SOCKET: address } });
            await listener.next();
            return (await sent).code === 0;
          }),
          "systemd-notify",
        ),
      );
      const unanswered = listener.next();
      listener[Symbol.dispose]();
      assertEquals((await within(unanswered, "the end")).done, true);
    }
    assertEquals(openDescriptors().size, before.size);
    assertThrows(() => Deno.statSync(address), Deno.errors.NotFound);
    assertThrows(() => sdNotify("READY=1", address), SystemError, "No such file");
  },
);

testNeeding(
  [missingPrograms("perl")],
  "a socket file of an earlier listener is replaced, any other file is not",
  async () => {
    await using directory = await temporaryDirectory();
    const address = `${directory.path}/socket`;
    // Closed while its file stays, as after a kill.
    await run([
      "perl",
      "-e",
      "use IO::Socket::UNIX; IO::Socket::UNIX->new(Local => shift)",
      address,
    ]);
    using _listener = sdNotifyListener({ address });
    const file = `${directory.path}/file`;
    await Deno.writeTextFile(file, "kept");
    assertThrows(
      () => sdNotifyListener({ address: file }),
      SystemError,
      `bind a socket to ${file}`,
    );
    assertEquals(await Deno.readTextFile(file), "kept");
  },
);

Deno.test("an address that is too long is refused", () => {
  assertThrows(() => sdNotifyListener({ address: `/${"x".repeat(200)}` }), SystemError, "too long");
  assertThrows(() => sdNotify("READY=1", `@${"x".repeat(200)}`), SystemError, "too long");
});

Deno.test("a message that is too long is dropped, the next is heard", async () => {
  using listener = sdNotifyListener();
  sdNotify(`STATUS=${"x".repeat(10_000)}`, listener.address);
  sdNotify("STATUS=short", listener.address);
  assertEquals(await next(listener), { STATUS: "short" });
});

Deno.test("without a receiver sdNotify returns false", () => {
  const former = Deno.env.get("NOTIFY_SOCKET");
  Deno.env.delete("NOTIFY_SOCKET");
  try {
    assertEquals(sdNotify("READY=1"), false);
  } finally {
    if (former !== undefined) Deno.env.set("NOTIFY_SOCKET", former);
  }
});

testNeeding(
  [missingPrograms("perl")],
  "the wait for a receiver that does not answer a barrier has a limit",
  async () => {
    await using directory = await temporaryDirectory();
    const address = `${directory.path}/socket`;
    const child = new Deno.Command("perl", {
      args: [
        "-e",
        "use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new(Local => shift, Type => SOCK_DGRAM); " +
        '$| = 1; print "\\n"; sleep 1000',
        address,
      ],
      stdout: "piped",
    }).spawn();
    try {
      await within(child.stdout.getReader().read(), "the receiver");
      assertEquals(sdNotifyAndWait("READY=1", address, 50), false);
    } finally {
      child.kill("SIGKILL");
      await child.status;
    }
  },
);

const SOL_SOCKET = 1;
const SO_LINGER = 13;
const AF_INET = 2;

/** Returns a TCP connection to a port whose close(2) waits for so many seconds: it can't send. */
function lingering(port: number, seconds: number): number {
  const fd = libc.socket(AF_INET, 1, 0);
  const address = Uint8Array.of(
    AF_INET,
    0,
    port >> 8,
    port & 255,
    127,
    0,
    0,
    1,
    ...Array(8).fill(0),
  );
  assertEquals(libc.connect(fd, address, address.length), 0);
  const linger = new Uint8Array(8);
  new DataView(linger.buffer).setInt32(0, 1, true);
  new DataView(linger.buffer).setInt32(4, seconds, true);
  libc.setsockopt(fd, SOL_SOCKET, SO_LINGER, linger, linger.length);
  setNonblocking(fd, true);
  const bytes = new Uint8Array(65_536);
  while (tryWrite(fd, bytes) > 0);
  return fd;
}

/** For how many seconds a socket lingers. */
const LINGER = 60;

Deno.test("a socket that lingers, sent with a message, keeps nothing waiting", async () => {
  using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using listener = sdNotifyListener();
  const sender = datagramSocket();
  for (let count = 0; count < 3; count++) {
    const fd = lingering((server.addr as Deno.NetAddr).port, LINGER);
    send(sender, listener.address, encodeOs(`COUNT=${count}`), fd);
    // It is the receiver's close(2) that waits: it is the last.
    setNonblocking(fd, false);
    close(fd);
  }
  const begun = performance.now();
  for (let count = 0; count < 3; count++) {
    assertEquals(await next(listener), { COUNT: String(count) });
  }
  close(sender);
  assert(performance.now() - begun < 1000 * LINGER, "the listener stood still");
});

Deno.test("descriptors that come with messages are closed, whatever they are", async () => {
  using listener = sdNotifyListener();
  const sender = datagramSocket();
  const before = openDescriptors().size;
  for (let count = 0; count < 50; count++) {
    const fd = open(CWD, "/dev/null", Open.READ);
    send(sender, listener.address, encodeOs("FDSTORE=1"), fd);
    close(fd);
    await next(listener);
  }
  await until(() => openDescriptors().size <= before, "the descriptors to be closed");
  close(sender);
});
