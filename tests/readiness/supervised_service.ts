import { exists } from "@std/fs/exists";
import { FifodirListener } from "../support/fifodir_listener.ts";
import { run } from "../support/run.ts";
import { service, type ServiceFiles } from "../support/service.ts";
import { Supervisor } from "../support/supervisor.ts";
import { until } from "../support/until.ts";
import { writeFifo } from "../support/write_fifo.ts";

/** A supervised service, and a listener of its events. */
export interface SupervisedService extends AsyncDisposable {
  /** The service directory. */
  readonly path: string;
  /** Its supervisor. */
  readonly supervisor: Supervisor;
  /** Events, from the start. */
  readonly events: FifodirListener;
  /** The content of a file, once it is there and ends a line. */
  text(file: string): Promise<string>;
  /** Lets the daemon go on that waits in `go NAME`. */
  go(name: string): Promise<void>;
  /** Runs a command line of the shell in the service directory, from outside of the service. */
  outside(line: string): ReturnType<typeof run>;
}

/**
 * Sets up a service with the notification descriptor 3 whose errors go to a file `errors`, and starts it.
 * Its programs can wait for the test by `./go NAME`.
 *
 * @param supervisor The supervisor.
 * @param line The last line of `run`, after `exec`.
 * @param contents Its files, besides.
 */
export async function supervisedService(
  supervisor: readonly string[],
  line: string,
  contents: ServiceFiles = {},
): Promise<SupervisedService> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(
    await service({
      ...contents,
      run: `#!/bin/sh\nexec 2>>errors\n${contents.run ?? ""}\nexec ${line}\n`,
      files: { "notification-fd": "3\n", ...contents.files },
      executables: {
        // A FIFO keeps what is written to it for a reader that has it open, so each opens it both ways.
        go: '#!/bin/sh\ntest -p "go-$1" || mkfifo "go-$1"\nread -r _ <>"go-$1"\n',
        ...contents.executables,
      },
    }),
  );
  const { path } = directory;
  const events = stack.use(await FifodirListener.subscribe(`${path}/event`));
  const running = stack.use(await Supervisor.start(supervisor, path));
  const kept = stack.move();
  return {
    path,
    events,
    supervisor: running,
    text: (file) =>
      until(async () => {
        const found = await Deno.readTextFile(`${path}/${file}`).catch(() => "");
        return found.endsWith("\n") && found;
      }, `the file ${file}`),
    go: async (name) => {
      const fifo = `${path}/go-${name}`;
      await until(
        () => exists(fifo),
        `the daemon to wait: ${name}`,
      );
      await writeFifo(fifo, "\n");
    },
    outside: (line) => run(["sh", "-c", line], { cwd: path }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
