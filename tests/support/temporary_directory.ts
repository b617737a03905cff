import { killProcessesIn } from "./processes.ts";

/** A directory, removed at the end of the block; the processes that work in it are killed. */
export interface TemporaryDirectory extends AsyncDisposable {
  /** Its absolute path, free of symlinks. */
  readonly path: string;
}

let base: Promise<string> | undefined;

/**
 * Makes a temporary directory for services: in memory if possible, as `/run` is, and on a
 * file system that allows programs to be executed.
 *
 * @param prefix How its name begins.
 * @returns The directory, for `await using`.
 */
export async function temporaryDirectory(prefix = "sv-test-"): Promise<TemporaryDirectory> {
  base ??= findBase();
  const path = await Deno.makeTempDir({ dir: await base, prefix });
  return {
    path,
    async [Symbol.asyncDispose]() {
      await killProcessesIn(path);
      await Deno.remove(path, { recursive: true });
    },
  };
}

async function findBase(): Promise<string> {
  for (const dir of ["/dev/shm", "/run"]) {
    const probe = await Deno.makeTempFile({ dir, prefix: "sv-test-" }).catch(() => undefined);
    if (probe === undefined) continue;
    try {
      await Deno.writeTextFile(probe, "#!/bin/sh\nexit 0\n", { mode: 0o700 });
      await Deno.chmod(probe, 0o700);
      await new Deno.Command(probe).output();
      return dir;
    } catch {
      // Mounted noexec, as container runtimes mount /dev/shm.
    } finally {
      await Deno.remove(probe);
    }
  }
  return await Deno.realPath(Deno.env.get("TMPDIR") ?? "/tmp");
}
