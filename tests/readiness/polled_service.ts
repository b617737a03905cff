import { sv } from "../support/program.ts";
import { service } from "../support/service.ts";
import { FifodirListener } from "../support/fifodir_listener.ts";
import { Supervisor } from "../support/supervisor.ts";
import { until } from "../support/until.ts";

/** A check that succeeds once there is a file `ready`. */
export const CHECK_FILE = "#!/bin/sh\necho >>checks\ntest -e ready\n";

/** A daemon that writes its process id to a file, and runs on. */
export const DAEMON = "#!/bin/sh\necho $$ >daemon-pid\nexec sleep 1000\n";

/** A daemon that listens at a port of 127.0.0.1, tries that until the port is free, and answers by HTTP. */
export function perlServer(port: number): string {
  return `#!/usr/bin/perl
use Socket; $SIG{PIPE} = "IGNORE";
open(my $file, ">", "daemon-pid"); print $file "$$\n"; close $file;
socket(my $s, AF_INET, SOCK_STREAM, 0) or die $!;
setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1);
until (bind($s, pack_sockaddr_in(${port}, inet_aton("127.0.0.1")))) { select undef, undef, undef, 0.01 }
listen($s, 100) or die $!;
while (accept(my $c, $s)) { sysread $c, my $b, 4096; syswrite $c, "HTTP/1.1 200 OK\r\n\r\n"; close $c }
`;
}

/** How to set up a service that is polled. */
export interface PolledServiceOptions {
  /** Options of notifyoncheck. */
  readonly options?: string;
  /** Lines of `run` before notifyoncheck. */
  readonly before?: string;
  /** The text of `daemon`. */
  readonly daemon?: string;
  /** The text of `data/check`. */
  readonly check?: string;
  /** The notification descriptor. */
  readonly fd?: number;
}

/** A service whose `run` is `sv notifyoncheck … ./daemon`. */
export interface PolledService extends AsyncDisposable {
  /** The service directory. */
  readonly path: string;
  /** Its supervisor. */
  readonly supervisor: Supervisor;
  /** Events, from the start. */
  readonly events: FifodirListener;
  /** The content of a file, once it is there and ends a line. */
  text(file: string): Promise<string>;
  /** Writes a file. */
  write(file: string, text?: string): Promise<void>;
  /** Returns the process that polls; undefined where there is none. */
  poller(): number | undefined;
  /** The process id of the daemon. */
  daemon(): Promise<number>;
}

/** Returns the process beside the daemon in a service directory; undefined where there is none. */
export function besideDaemon(directory: string): number | undefined {
  return allBesideDaemon(directory)[0];
}

/** Returns the processes beside daemons in a service directory. */
export function allBesideDaemon(directory: string): number[] {
  const found: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    try {
      if (!/^\d+$/.test(name) || Deno.readLinkSync(`/proc/${name}/cwd`) !== directory) continue;
      const line = Deno.readTextFileSync(`/proc/${name}/cmdline`).split("\0");
      // A launcher, and the shell that starts a process without a parent, have the word there, too.
      if (line.includes("--beside-daemon") && !/(^|\/)sh$/.test(line[0]!)) found.push(Number(name));
    } catch {
      // It has ended.
    }
  }
  return found;
}

/** Sets up a service that is polled, and starts it. */
export async function polledService(
  supervisor: readonly string[],
  options: PolledServiceOptions = {},
): Promise<PolledService> {
  await using stack = new AsyncDisposableStack();
  const fd = options.fd ?? 3;
  const directory = stack.use(
    await service({
      run: `#!/bin/sh\nexec 2>>errors\n${options.before ?? ""}\n` +
        `exec ${sv.join(" ")} notifyoncheck ${options.options ?? "-n 0 -w 20"} ./daemon\n`,
      files: { "notification-fd": `${fd}\n` },
      executables: {
        daemon: options.daemon ?? DAEMON,
        "data/check": options.check ?? CHECK_FILE,
      },
    }),
  );
  const { path } = directory;
  const events = stack.use(await FifodirListener.subscribe(`${path}/event`));
  const running = stack.use(await Supervisor.start(supervisor, path));
  const kept = stack.move();
  const text = (file: string) =>
    until(async () => {
      const found = await Deno.readTextFile(`${path}/${file}`).catch(() => "");
      return found.endsWith("\n") && found;
    }, `the file ${file}`);
  return {
    path,
    supervisor: running,
    events,
    text,
    write: (file, content = "") => Deno.writeTextFile(`${path}/${file}`, content),
    poller: () => besideDaemon(path),
    daemon: async () => Number(await text("daemon-pid")),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
