/** What a scan tells the service manager that has started it, by systemd's protocol. */
import { assert, assertEquals } from "@std/assert";
import { close } from "../../lib/os/file.ts";
import { bindSocket, listeningSocket, receive } from "../../lib/os/datagram_socket.ts";
import { takeServiceManager } from "../../lib/scan/service_manager.ts";
import { Scan } from "../support/scan.ts";
import { readyService, ScanDirectory } from "../support/scan_directory.ts";
import { until } from "../support/until.ts";

/** A service that is ready when the file `go` is in the scan directory, and writes its environment down. */
const waitingService = {
  run: `#!/bin/sh
env >environment
while ! [ -e ../go ]; do sleep 0.02; done
echo >&3
exec sleep 100000
`,
  "notification-fd": "3\n",
};

/** A service manager: a socket, and what has come there. */
class Manager implements Disposable {
  readonly path: string;
  readonly #socket = listeningSocket();
  /** The messages, and the process ids of their senders. */
  readonly messages: string[] = [];
  readonly senders = new Set<number>();

  constructor(directory: string) {
    this.path = `${directory}/notify`;
    bindSocket(this.#socket, this.path);
  }

  /** Waits until what has come fulfils a condition. */
  async until(condition: () => boolean, what: string): Promise<void> {
    await until(() => {
      for (;;) {
        using datagram = receive(this.#socket, 4096);
        if (datagram === undefined) return condition();
        this.messages.push(new TextDecoder().decode(datagram.bytes));
        this.senders.add(datagram.pid);
      }
    }, what).catch((error) => {
      throw new Error(`${error.message}; it told: ${this.messages.join("|")}`);
    });
  }

  /** Waits for a message. */
  async says(message: string | RegExp): Promise<void> {
    const isIt = (other: string) =>
      typeof message === "string" ? other === message : message.test(other);
    await this.until(() => this.messages.some(isIt), `the scan to tell ${message}`);
  }

  [Symbol.dispose](): void {
    close(this.#socket);
  }
}

/** Starts a scan with a service manager. */
function launch(
  directory: ScanDirectory,
  manager: Manager,
  { env = {}, options = [] }: { env?: Record<string, string>; options?: string[] } = {},
): Scan {
  return Scan.launch(directory.path, { options, env: { NOTIFY_SOCKET: manager.path, ...env } });
}

Deno.test("the manager learns that the scan is ready, how the services are, and of its end", async () => {
  await using directory = await ScanDirectory.make({ a: waitingService, b: readyService });
  using manager = new Manager(directory.parent);
  await using scan = launch(directory, manager);
  await manager.says("READY=1");
  await manager.says(/^STATUS=.* not ready: .*a/);
  await Deno.writeTextFile(`${directory.path}/go`, "");
  await manager.says("STATUS=2 of 2 services ready");
  assertEquals([...manager.senders], [scan.pid]);
  const environment = await directory.read("a/environment");
  assert(!/NOTIFY_SOCKET|WATCHDOG/.test(environment), environment);
  scan.signal("SIGTERM");
  await manager.says(/^STOPPING=1\n/);
  assertEquals((await scan.exited()).code, 0);
  assertEquals(scan.stderr, "");
});

Deno.test("with --ready-when services the scan is ready when they are", async () => {
  await using directory = await ScanDirectory.make({ a: waitingService });
  using manager = new Manager(directory.parent);
  await using scan = launch(directory, manager, { options: ["--ready-when", "services"] });
  await manager.says("STATUS=0 of 1 services ready; not ready: a");
  assert(!manager.messages.includes("READY=1"));
  await Deno.writeTextFile(`${directory.path}/go`, "");
  await manager.says("READY=1");
  assertEquals(scan.stderr, "");
});

Deno.test("an upgrade is a reload, and the new program goes on to tell", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  using manager = new Manager(directory.parent);
  await using scan = launch(directory, manager);
  await manager.says("STATUS=1 of 1 services ready");
  manager.messages.length = 0;
  await scan.send("V");
  await manager.says(/^RELOADING=1\nMONOTONIC_USEC=\d+$/);
  await manager.says("READY=1");
  assertEquals([...manager.senders], [scan.pid]);
  scan.signal("SIGTERM");
  await manager.says(/^STOPPING=1\n/);
  assertEquals((await scan.exited()).code, 0);
  assertEquals(scan.stderr, "");
});

Deno.test("signs of life come as often as they are wanted, also after an upgrade", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  using manager = new Manager(directory.parent);
  await using scan = launch(directory, manager, { env: { WATCHDOG_USEC: "100000" } });
  const count = () => manager.messages.filter((message) => message === "WATCHDOG=1").length;
  const several = () => manager.until(() => count() >= 3, "three signs of life");
  await several();
  await scan.send("V");
  await manager.says(/^RELOADING=1/);
  manager.messages.length = 0;
  await several();
  assertEquals(scan.stderr, "");
});

Deno.test("a manager that is gone is warned of once, and harms nothing", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  const manager = new Manager(directory.parent);
  manager[Symbol.dispose]();
  await using scan = launch(directory, manager, { env: { WATCHDOG_USEC: "20000" } });
  await scan.says("warning: cannot tell the service manager: cannot send a message to the socket");
  await directory.ready("a");
  await scan.send("t");
  assertEquals((await scan.exited()).code, 0);
  assertEquals(scan.stderr.match(/warning/g)?.length, 1, scan.stderr);
});

Deno.test("what another process is to do is not done; the variables are taken away", () => {
  const take = (variables: Record<string, string>) => {
    for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
    const taken = takeServiceManager();
    const left = Object.keys(variables).filter((name) => Deno.env.get(name) !== undefined);
    for (const name of left) Deno.env.delete(name);
    return [taken?.socket, taken?.signOfLife, left.length];
  };
  assertEquals(take({}), [undefined, undefined, 0]);
  const NOTIFY_SOCKET = "/run/systemd/notify";
  const WATCHDOG_USEC = "3000000";
  assertEquals(take({ NOTIFY_SOCKET }), [NOTIFY_SOCKET, undefined, 0]);
  assertEquals(take({ NOTIFY_SOCKET: "@x", WATCHDOG_USEC }), ["@x", 1500, 0]);
  const mine = { NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID: String(Deno.pid) };
  assertEquals(take(mine), [NOTIFY_SOCKET, 1500, 0]);
  assertEquals(take({ ...mine, WATCHDOG_PID: "1" }), [NOTIFY_SOCKET, undefined, 0]);
  assertEquals(take({ NOTIFY_SOCKET: "vsock:2:1" }), [undefined, undefined, 0]);
  assertEquals(take({ ...mine, WATCHDOG_USEC: "x" }), [NOTIFY_SOCKET, undefined, 0]);
});
