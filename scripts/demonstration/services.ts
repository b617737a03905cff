import { ensureDirSync } from "@std/fs/ensure-dir";
import { dirname, join } from "@std/path";

/** A service of the demonstration: its files. */
export type Files = Readonly<Record<string, string>>;

const shell = (script: string) => `#!/bin/sh\n${script}`;

/** Returns a port that is free at the moment. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/**
 * Returns the service directories of the demonstration.
 *
 * @param sv Path of `sv`, for run scripts.
 * @returns The files of each service by its name, and where the web server listens.
 */
export function exampleServices(
  sv: string,
): { readonly files: Record<string, Files>; url: string } {
  const port = freePort();
  const program = (name: string) => new URL(name, import.meta.url).pathname;
  const deno = `'${Deno.execPath()}' run --quiet --no-config --no-lock --allow-net`;
  return {
    url: `http://127.0.0.1:${port}/`,
    files: {
      daemon: {
        "notification-fd": "3\n",
        "run": shell(`# A daemon that says by itself when it is ready.
sleep 0.5
echo >&3
exec 3>&-
exec sleep 1000
`),
        "finish": shell('echo "         daemon   finish: exit code $1, signal $2"\n'),
      },
      web: {
        "notification-fd": "3\n",
        "run": shell(`# A web server that has never heard of readiness.
exec '${sv}' notifyoncheck -w 100 -n 0 -- ${deno} '${program("web_server.ts")}' ${port}
`),
        "data/check": shell(`# Is the web server ready? Yes, when it answers a request.
exec ${deno} '${program("web_check.ts")}' ${port}
`),
      },
      stuck: {
        "notification-fd": "3\n",
        "run": shell(`# A daemon that runs but never becomes ready.
exec sleep 1000
`),
      },
    },
  };
}

/** Makes service directories; a file that begins with `#!` is executable. */
export function makeServices(root: string, services: Record<string, Files>): void {
  for (const [service, files] of Object.entries(services)) {
    for (const [name, content] of Object.entries(files)) {
      const path = join(root, service, name);
      ensureDirSync(dirname(path));
      Deno.writeTextFileSync(path, content);
      if (content.startsWith("#!")) Deno.chmodSync(path, 0o755);
    }
  }
}
